"""The configuration of the chip as plain JSON, in the fields of the vendor's own configuration.

Weights are laid out ``[output][input][x][y]`` there: the last two axes are swapped against torch.
"""

from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from devices.results import Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from devices.speck.config_header import header_of
from devices.speck.config_options import NO_READOUT, ConfigOptions
from devices.speck.config_sensor import destinations, sensor_config
from devices.speck.core_words import Words
from devices.speck.decimator import decimator_interval
from devices.speck.readout_spread import gather_layer, spread_layer
from eventstore.errors import DoesNotFit, InvalidInput, NotFound

Config: TypeAlias = dict[str, Any]


def make_config(
    q: QuantizedGraph, mapping: Mapping, spec: SpeckSpec, options: ConfigOptions | None = None
) -> Config:
    """Return the configuration of the chip.

    Each core sends to the cores of the layers that its own feeds, over a pooling for each of them.
    A core that feeds none is monitored: its spikes are the output. Biases are added once per tick
    of the slow clock, which must therefore tick once a time step. Cores in no use have their
    destinations and monitor alone, switched off. Where the readout is on, the last layer has its
    classes on the channels that the readout sees (`devices.speck.readout_spread`).

    Args:
        q: the network in integers.
        mapping: which core computes which layer.
        spec: the chip.
        options: sensor, readout, monitors and decimators; None: the host sends the events and is
            told the output.

    Raises:
        InvalidInput: the mapping is of another network or chip, or an option names no layer or
            asks for what the chip does not have.
        DoesNotFit: the readout is on and cannot take the last layer, or its core has no room for
            what the readout needs.
    """
    chosen = options or ConfigOptions()
    core_of = _core_of(q, mapping, spec)
    _check_options(q, chosen, spec)
    outputs = q.output_names
    read = outputs if chosen.reads_classes else ()
    q = replace(q, layers=tuple(_one_a_class(k, spec) if k.name in read else k for k in q.layers))
    layers: list[Config] = [
        {"destinations": destinations([], spec), "monitor_enable": False}
        for _ in range(spec.n_cores)
    ]
    for layer in q.layers:
        sent = [(core_of[k.target], k.pool, k.feature_shift) for k in q.out_of(layer.name)]
        if chosen.readout is not None and layer.name in outputs:
            sent.append((spec.readout_layer, 1, 0))
        monitored = layer.name in (outputs if chosen.monitor is None else chosen.monitor)
        layers[core_of[layer.name]] = {
            "destinations": destinations(sent, spec),
            "monitor_enable": monitored,
            **_core_config(
                _as_read(layer, core_of[layer.name], spec) if layer.name in read else layer, spec
            ),
            **_decimator(chosen.decimate.get(layer.name)),
        }
    header = header_of(q, mapping)
    return {
        "header": header,
        "cnn_layers": layers,
        "dvs_layer": sensor_config(chosen, header["input_cores"], spec),
        "readout": chosen.readout.to_fields() if chosen.readout else dict(NO_READOUT),
    }


def _core_of(q: QuantizedGraph, mapping: Mapping, spec: SpeckSpec) -> dict[str, int]:
    """Return the core of each layer, after a look at whether the three belong together."""
    cores = mapping.cores
    if len(cores) != len(q.layers) or mapping.chip != spec.name or q.chip != spec.name:
        message = f"a mapping of {len(cores)} layers to {mapping.chip} does not fit "
        message += f"{len(q.layers)} layers on {spec.name}"
        if q.chip != spec.name:
            message += f", quantised for {q.chip}"
        raise InvalidInput(message, hint="map the network that is configured: chip.map(q)")
    pooled = [link for link in q.out_of(None) if link.pool > 1]
    if pooled:
        message = f"the input is pooled by {pooled[0].pool} on its way to {pooled[0].target!r}"
        hint = "no core does that: pool in the sensor layer, or in the pipeline"
        raise InvalidInput(message, hint=hint)
    return dict(zip((layer.name for layer in q.layers), cores, strict=True))


def _check_options(q: QuantizedGraph, options: ConfigOptions, spec: SpeckSpec) -> None:
    names = [layer.name for layer in q.layers]
    for name in (*(options.monitor or ()), *options.decimate):
        if name not in names:
            unknown = NotFound.among("layer", name, names)
            raise unknown
    if options.readout is not None and not spec.has_readout:
        message = f"{spec.name} has no on-chip readout"
        raise InvalidInput(message, hint="read the spikes of the last core from its monitor")
    if options.sensor is not None and options.sensor.output_shape != q.input_map:
        message = f"the sensor layer makes maps of {options.sensor.output_shape}, the network "
        message += f"takes {q.input_map} (features, rows, columns)"
        raise InvalidInput(message, hint="pool, crop and merge to the network's input")


def _one_a_class(layer: QuantizedLayer, spec: SpeckSpec) -> QuantizedLayer:
    """Return a layer that was spread by hand, too wide to be anything else, without that."""
    return gather_layer(layer, spec) if len(layer.weight) > spec.readout_classes else layer


def _as_read(layer: QuantizedLayer, core: int, spec: SpeckSpec) -> QuantizedLayer:
    """Return a layer as the readout sees it, if its core has room for that."""
    wide = spread_layer(layer, spec)
    need = Words.of_layer(wide)
    if not need.fits(spec.cores[core]):
        message = f"the on-chip readout needs {len(wide.weight)} channels of layer {layer.name!r}, "
        message += f"{need.kernel:,} words of weights: too many for core {core}"
        raise DoesNotFit(message, hint="keep room for it: chip.map(q, readout=True)")
    return wide


def _decimator(keep_one_of: int | None) -> Config:
    on = keep_one_of is not None and keep_one_of != 1
    interval = decimator_interval(keep_one_of) if on and keep_one_of is not None else 0
    return {"output_decimator_enable": on, "output_decimator_interval": interval}


def _core_config(layer: QuantizedLayer, spec: SpeckSpec) -> Config:
    features, height, width = layer.neuron_shape
    bias = np.zeros(features, np.int64) if layer.bias is None else layer.bias
    weight = layer.weight.swapaxes(2, 3)
    states = np.zeros((features, width, height), np.int64)
    kill_bits = {
        "weights_kill_bit": (weight == 0).tolist(),
        "biases_kill_bit": (bias == 0).tolist(),
        "neurons_value_kill_bit": (states != 0).tolist(),
    }
    return {
        "dimensions": {
            "input_shape": _map_shape(layer.input_shape),
            "output_shape": _map_shape(layer.neuron_shape),
            "padding": {"x": layer.padding[1], "y": layer.padding[0]},
            "stride": {"x": layer.stride[1], "y": layer.stride[0]},
            "kernel_size": layer.weight.shape[2],
        },
        "weights": weight.tolist(),
        "biases": bias.tolist(),
        "leak_enable": bool(bias.any()),
        "return_to_zero": layer.reset == "zero",
        "threshold_high": int(layer.threshold),
        "threshold_low": int(layer.lower_bound),
        "neurons_initial_value": states.tolist(),
        **(kill_bits if spec.kill_bits else {}),
    }


def _map_shape(shape: tuple[int, int, int]) -> Config:
    return {"size": {"x": shape[2], "y": shape[1]}, "feature_count": shape[0]}
