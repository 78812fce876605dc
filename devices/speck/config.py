"""The configuration of the chip as plain JSON, in the fields of the vendor's own configuration.

Weights are laid out ``[output][input][x][y]`` there: the last two axes are swapped against torch.
"""

from collections.abc import Mapping as Table
from typing import Any, TypeAlias

import numpy as np

from devices.results import Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from eventstore.errors import FormatError, InvalidInput

Config: TypeAlias = dict[str, Any]


def make_config(q: QuantizedGraph, mapping: Mapping, spec: SpeckSpec) -> Config:
    """Return the configuration of the chip.

    The last layer's core is monitored: its spikes are the output. Biases are added once per tick
    of the slow clock, which must therefore tick once a time step.

    Args:
        q: the network in integers.
        mapping: which core computes which layer.
        spec: the chip.

    Raises:
        InvalidInput: the mapping is of another network or chip.
    """
    cores = mapping.cores
    if len(cores) != len(q.layers) or mapping.chip != spec.name:
        message = f"a mapping of {len(cores)} layers to {mapping.chip} does not fit "
        message += f"{len(q.layers)} layers on {spec.name}"
        raise InvalidInput(message, hint="map the network that is configured: chip.map(q)")
    layers: list[Config] = [_idle(spec) for _ in range(spec.n_cores)]
    for index, (core, layer) in enumerate(zip(cores, q.layers, strict=True)):
        target = cores[index + 1] if index + 1 < len(cores) else None
        layers[core] = _core_config(layer, target, spec)
    return {
        "cnn_layers": layers,
        "dvs_layer": {**_idle(spec), "pass_sensor_events": False},
        "readout": {},
    }


def _idle(spec: SpeckSpec) -> Config:
    return {
        "destinations": [_destination(None, 1) for _ in range(spec.max_destinations)],
        "monitor_enable": False,
    }


def _destination(target: int | None, pool: int) -> Config:
    return {
        "enable": target is not None,
        "layer": target or 0,
        "pooling": pool,
        "feature_shift": 0,
    }


def _core_config(layer: QuantizedLayer, target: int | None, spec: SpeckSpec) -> Config:
    features, height, width = layer.neuron_shape
    bias = np.zeros(features, np.int64) if layer.bias is None else layer.bias
    unused = [_destination(None, 1) for _ in range(spec.max_destinations - 1)]
    return {
        "destinations": [_destination(target, layer.pool), *unused],
        "monitor_enable": target is None,
        "dimensions": {
            "input_shape": _map_shape(layer.input_shape),
            "output_shape": _map_shape(layer.neuron_shape),
            "padding": {"x": layer.padding[1], "y": layer.padding[0]},
            "stride": {"x": layer.stride[1], "y": layer.stride[0]},
            "kernel_size": layer.weight.shape[2],
        },
        "weights": layer.weight.swapaxes(2, 3).tolist(),
        "biases": bias.tolist(),
        "leak_enable": bool(bias.any()),
        "return_to_zero": layer.reset == "zero",
        "threshold_high": layer.threshold,
        "threshold_low": layer.lower_bound,
        "neurons_initial_value": np.zeros((features, width, height), np.int64).tolist(),
    }


def _map_shape(shape: tuple[int, int, int]) -> Config:
    return {"size": {"x": shape[2], "y": shape[1]}, "feature_count": shape[0]}


def graph_from_config(config: Table[str, Any], spec: SpeckSpec) -> QuantizedGraph:
    """Return the network that a configuration holds: the inverse of `make_config`.

    Names of layers are those of their cores; the scale of the floats is not in a configuration
    and reads 1.

    Args:
        config: what `make_config` returned, through JSON or not.
        spec: the chip.

    Raises:
        FormatError: cores are not chained from one first layer to one last.
    """
    cores: list[Config] = config["cnn_layers"]
    used = {number for number, core in enumerate(cores) if "dimensions" in core}
    follower = {number: _target(cores[number]) for number in used}
    first = used - set(follower.values())
    if len(first) != 1:
        message = f"cores do not form one chain: no other core feeds cores {sorted(first)}"
        raise FormatError(message, path="config", hint="one core must be the first, fed by none")
    order: list[int] = []
    at: int | None = first.pop()
    while at is not None:
        order.append(at)
        at = follower[at]
    layers = tuple(_layer_from_config(f"core{number}", cores[number]) for number in order)
    return QuantizedGraph(chip=spec.name, input_shape=layers[0].input_shape, layers=layers)


def _target(core: Config) -> int | None:
    enabled = [destination for destination in core["destinations"] if destination["enable"]]
    return int(enabled[0]["layer"]) if enabled else None


def _layer_from_config(name: str, core: Config) -> QuantizedLayer:
    size = core["dimensions"]["input_shape"]
    stride, padding = core["dimensions"]["stride"], core["dimensions"]["padding"]
    bias = np.array(core["biases"], np.int8)
    return QuantizedLayer(
        name=name,
        spiking_name=name,
        input_shape=(size["feature_count"], size["size"]["y"], size["size"]["x"]),
        weight=np.array(core["weights"], np.int8).swapaxes(2, 3),
        bias=bias if core["leak_enable"] else None,
        stride=(stride["y"], stride["x"]),
        padding=(padding["y"], padding["x"]),
        threshold=core["threshold_high"],
        lower_bound=core["threshold_low"],
        reset="zero" if core["return_to_zero"] else "subtract",
        pool=core["destinations"][0]["pooling"],
        scale=1.0,
        rescale=1.0,
    )
