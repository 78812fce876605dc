"""Spread the classes of the last layer over channels that the on-chip readout can see.

By an erratum, the readout of some chips takes its class k from channel ``step · k`` of the last
core. A last layer of n classes is therefore written with ``step · (n − 1) + 1`` channels, of which
those between have weights of zero and never fire. That costs memory of the last core only, and is
a matter of the configuration: the network itself keeps its n outputs. `map_layers` keeps room for
it, `make_config` writes it where the readout is on, `graph_from_config` takes it back.
"""

from dataclasses import replace

import numpy as np

from devices.results import QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from devices.speck.core_words import Words
from eventstore.errors import DoesNotFit


def spread_width(classes: int, step: int) -> int:
    """Return how many channels a last layer has once its classes are spread.

    Examples:
        >>> spread_width(10, 4), spread_width(10, 1)
        (37, 10)
    """
    return (classes - 1) * step + 1


def unreadable(layer: QuantizedLayer, spec: SpeckSpec) -> str | None:
    """Say why the on-chip readout cannot take a layer's neurons as classes; None: it can.

    A layer whose classes are spread already can be read.
    """
    if not spec.has_readout:
        return f"{spec.name} has no on-chip readout"
    features, *edges = layer.neuron_shape
    if edges != [1, 1] or (features > spec.readout_classes and not is_spread(layer, spec)):
        message = f"layer {layer.name!r} has {features} channels of {edges[1]} × {edges[0]} "
        return message + f"neurons, the readout of {spec.name} takes {spec.readout_classes} of one"
    return None


def is_spread(layer: QuantizedLayer, spec: SpeckSpec) -> bool:
    """Say whether only channels that the readout sees have weights, no more than it takes."""
    step, features = spec.readout_channel_step, len(layer.weight)
    if step == 1 or (features - 1) % step or features > spread_width(spec.readout_classes, step):
        return False
    between = np.arange(features) % step > 0
    bias = np.zeros(features) if layer.bias is None else layer.bias
    return not layer.weight[between].any() and not bias[between].any()


def words_to_read(layer: QuantizedLayer, spec: SpeckSpec) -> Words:
    """Return the memory that a layer needs for the readout to see all of its classes."""
    features, inputs, *kernel = layer.weight.shape
    if features <= spec.readout_classes:
        features = spread_width(features, spec.readout_channel_step)
    has_bias = layer.bias is not None
    neurons = (features, *layer.neuron_shape[1:])
    return Words.of((features, inputs, *kernel), neurons, has_bias=has_bias)


def spread_layer(layer: QuantizedLayer, spec: SpeckSpec) -> QuantizedLayer:
    """Return a layer with its classes on the channels that the readout sees.

    One that is too wide to be anything but spread already is returned as it is, and so is any
    where the chip has no erratum.

    Raises:
        DoesNotFit: the readout cannot take its neurons as classes.
    """
    if (message := unreadable(layer, spec)) is not None:
        raise DoesNotFit(message, hint="end with a linear layer of one output a class")
    classes, step = len(layer.weight), spec.readout_channel_step
    if step == 1 or classes > spec.readout_classes:
        return layer
    width, places = spread_width(classes, step), np.arange(classes) * step
    weight = np.zeros((width, *layer.weight.shape[1:]), np.int8)
    weight[places] = layer.weight
    if layer.bias is None:
        return replace(layer, weight=weight)
    bias = np.zeros(width, np.int8)
    bias[places] = layer.bias
    return replace(layer, weight=weight, bias=bias)


def gather_layer(layer: QuantizedLayer, spec: SpeckSpec) -> QuantizedLayer:
    """Return a layer whose classes are spread with its classes alone: undoes `spread_layer`."""
    if not is_spread(layer, spec):
        return layer
    step = spec.readout_channel_step
    bias = None if layer.bias is None else layer.bias[::step]
    return replace(layer, weight=layer.weight[::step], bias=bias)


def spread_readout(q: QuantizedGraph, spec: SpeckSpec) -> QuantizedGraph:
    """Return a network as the chip computes it with the readout on.

    Its output k is now output ``spec.readout_channel_step · k``: what `read_out` takes, and what a
    monitor of the chip tells. Where the chip has no erratum the network is returned as it is.

    Args:
        q: the network in integers.
        spec: the chip.

    Raises:
        DoesNotFit: the chip has no readout, or not for so many classes, or the last layer has
            more than one neuron a channel.
    """
    return replace(q, layers=(*q.layers[:-1], spread_layer(q.layers[-1], spec)))
