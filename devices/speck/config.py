"""The configuration of the chip as plain JSON, in the fields of the vendor's own configuration.

Weights are laid out ``[output][input][x][y]`` there: the last two axes are swapped against torch.
"""

from collections.abc import Mapping as Table
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

import numpy as np

from devices.results import Link, Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from eventstore.errors import FormatError, InvalidInput

Config: TypeAlias = dict[str, Any]


def make_config(q: QuantizedGraph, mapping: Mapping, spec: SpeckSpec) -> Config:
    """Return the configuration of the chip.

    Each core sends to the cores of the layers that its own feeds, over a pooling for each of them.
    A core that feeds none is monitored: its spikes are the output. Biases are added once per tick
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
    core_of = dict(zip((layer.name for layer in q.layers), cores, strict=True))
    for layer in q.layers:
        sent = [(core_of[link.target], link.pool) for link in q.out_of(layer.name)]
        layers[core_of[layer.name]] = _core_config(layer, sent, spec)
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


def _core_config(layer: QuantizedLayer, sent: list[tuple[int, int]], spec: SpeckSpec) -> Config:
    features, height, width = layer.neuron_shape
    bias = np.zeros(features, np.int64) if layer.bias is None else layer.bias
    unused = [_destination(None, 1) for _ in range(spec.max_destinations - len(sent))]
    return {
        "destinations": [*(_destination(*target) for target in sent), *unused],
        "monitor_enable": not sent,
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
    and reads 1. Cores that no other core feeds take the input.

    Args:
        config: what `make_config` returned, through JSON or not.
        spec: the chip.

    Raises:
        FormatError: cores feed one another in a circle, or one that is not configured, or those
            that take the input do not agree on its shape.
    """
    cores: list[Config] = config["cnn_layers"]
    used = [number for number, core in enumerate(cores) if "dimensions" in core]
    links = [
        Link(source=f"core{number}", target=f"core{target['layer']}", pool=target["pooling"])
        for number in used
        for target in cores[number]["destinations"]
        if target["enable"]
    ]
    fed = {link.target for link in links}
    first = [f"core{number}" for number in used if f"core{number}" not in fed]
    order = _in_order([f"core{number}" for number in used], links)
    layers = tuple(_layer_from_config(name, cores[int(name[4:])]) for name in order)
    shapes = {layer.input_shape for layer in layers if layer.name in first}
    if len(shapes) != 1:
        said = ", ".join(map(str, sorted(shapes))) or "none"
        message = f"cores that no other core feeds ({', '.join(first)}) take maps of one shape, "
        message += f"the network's input: {said}"
        raise FormatError(message, path="config", hint="look for a destination that is disabled")
    return QuantizedGraph(
        chip=spec.name,
        input_shape=shapes.pop(),
        layers=layers,
        links=(*(Link(source=None, target=name) for name in first), *links),
    )


def _in_order(names: list[str], links: list[Link]) -> list[str]:
    """Return each core after those that feed it."""
    before: dict[str, list[str | None]] = {name: [] for name in names}
    for link in links:
        if link.target not in before:
            message = f"{link.source} sends to {link.target}, which is not configured"
            raise FormatError(message, path="config", hint="disable that destination")
        before[link.target].append(link.source)
    try:
        return [str(name) for name in TopologicalSorter(before).static_order()]
    except CycleError as error:
        circle = " → ".join(map(str, error.args[1]))
        message = f"cores feed one another in a circle: {circle}"
        raise FormatError(message, path="config", hint="disable one of these links") from error


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
        scale=1.0,
        rescale=1.0,
    )
