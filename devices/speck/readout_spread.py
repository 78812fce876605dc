"""Spread the classes of the last layer over channels that the on-chip readout can see.

By an erratum, the readout of some chips takes its class k from channel ``step · k`` of the last
core. A last layer of n classes is therefore widened to ``step · (n − 1) + 1`` channels, of which
those between have weights of zero and never fire. That costs memory of the last core only.
"""

from dataclasses import replace

import numpy as np

from devices.results import QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from eventstore.errors import DoesNotFit


def spread_width(classes: int, spec: SpeckSpec) -> int:
    """Return how many channels the last layer has once its classes are spread.

    Examples:
        >>> from devices.speck.chip import SPECK2B, SPECK2F
        >>> spread_width(10, SPECK2F), spread_width(10, SPECK2B)
        (37, 10)
    """
    return (classes - 1) * spec.readout_channel_step + 1


def spread_readout(q: QuantizedGraph, spec: SpeckSpec) -> QuantizedGraph:
    """Return the network whose last layer the on-chip readout can read.

    Map and configure what is returned: the last layer needs more memory, and perhaps another core.
    Its output k is now output ``spec.readout_channel_step · k``. Where the chip has no erratum the
    network is returned as it is.

    Args:
        q: the network in integers.
        spec: the chip.

    Raises:
        DoesNotFit: the chip has no readout, or not for so many classes, or the last layer has
            more than one neuron a channel.
    """
    last = q.layers[-1]
    classes, *edges = last.neuron_shape
    if not spec.has_readout:
        message = f"{spec.name} has no on-chip readout"
        raise DoesNotFit(message, hint="read the spikes of the last core from its monitor")
    if classes > spec.readout_classes or edges != [1, 1]:
        message = f"layer {last.name!r} has {classes} channels of {edges[1]} × {edges[0]} neurons, "
        message += f"the readout of {spec.name} takes {spec.readout_classes} channels of one"
        raise DoesNotFit(message, hint="end with a linear layer of one output a class")
    return replace(q, layers=(*q.layers[:-1], _spread(last, spec)))


def _spread(layer: QuantizedLayer, spec: SpeckSpec) -> QuantizedLayer:
    classes, width = len(layer.weight), spread_width(len(layer.weight), spec)
    places = np.arange(classes) * spec.readout_channel_step
    weight = np.zeros((width, *layer.weight.shape[1:]), np.int8)
    weight[places] = layer.weight
    if layer.bias is None:
        return replace(layer, weight=weight)
    bias = np.zeros(width, np.int8)
    bias[places] = layer.bias
    return replace(layer, weight=weight, bias=bias)
