"""From a configuration back to the network: a file alone can be simulated, or written again."""

from collections.abc import Mapping as Table
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

import numpy as np

from devices.nodes import Shape
from devices.results import Link, Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SpeckSpec
from devices.speck.config import Config
from devices.speck.config_header import names_of
from devices.speck.config_links import ONE_PIXEL, used_cores
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.config_sensor import sensor_from_config
from devices.speck.core_words import Words
from devices.speck.decimator import KEEP_ONE_OF
from devices.speck.readout_spread import gather_layer
from eventstore.errors import FormatError

Names: TypeAlias = tuple[str, str, float, float]
"""Name of a layer and of its neurons, scale and rescale."""

Sent: TypeAlias = tuple[int, Config]
"""A core and one destination of it that is enabled."""


def graph_from_config(config: Table[str, Any], spec: SpeckSpec) -> QuantizedGraph:
    """Return the network that a configuration holds: the inverse of `make_config`.

    Names, scales and the shape of the input come from the header. Without one, as in files of
    other tools, layers are called after their cores, scales read 1, and the cores that no other
    core feeds take the input. What the sensor layer and the readout do is no part of the network:
    where the readout is on, a layer whose classes were spread for it has one output a class.

    Args:
        config: what `make_config` returned, through JSON or not.
        spec: the chip.

    Raises:
        FormatError: cores feed one another in a circle, or one that is not configured, or those
            that take the input do not agree on its shape.
    """
    q = chip_graph(config, spec)
    read = _read_cores(config, spec)
    layers = tuple(gather_layer(k, spec) if k.name in read else k for k in q.layers)
    return replace(q, layers=layers)


def chip_graph(config: Table[str, Any], spec: SpeckSpec) -> QuantizedGraph:
    """Return the network as the chip computes it, channels that only the readout needs and all.

    Its outputs are those that a monitor of the chip tells. Arguments and errors: as
    `graph_from_config`.
    """
    cores: list[Config] = config["cnn_layers"]
    known = names_of(config)
    used = used_cores(config)
    name = {number: known[number][0] if number in known else f"core{number}" for number in used}
    sent = [
        (number, target)
        for number in used
        for target in cores[number]["destinations"]
        if target["enable"] and target["layer"] != spec.readout_layer
    ]
    inputs = _inputs(config, used, {target["layer"] for _, target in sent})
    order = [n for n in known if n in used] if set(used) <= set(known) else _in_order(used, sent)
    links = [
        Link(
            source=name[number],
            target=name[target["layer"]],
            pool=target["pooling"],
            feature_shift=target.get("feature_shift", 0),
        )
        for number, target in _checked(sent, used)
    ]
    layers = {number: _layer_from_config(number, cores[number], known) for number in used}
    return QuantizedGraph(
        chip=spec.name,
        input_shape=_input_shape(config, [layers[number] for number in inputs]),
        layers=tuple(layers[number] for number in order),
        links=(*(Link(source=None, target=name[number]) for number in inputs), *links),
    )


def mapping_from_config(config: Table[str, Any], spec: SpeckSpec) -> Mapping:
    """Return which core computes which layer, in the order of the layers.

    Args:
        config: what `make_config` returned, through JSON or not.
        spec: the chip.
    """
    q = chip_graph(config, spec)
    core_of = {row[0]: number for number, row in names_of(config).items()}
    uses = []
    for layer in q.layers:
        core = core_of[layer.name] if core_of else int(layer.name.removeprefix("core"))
        uses.append(Words.of_layer(layer).on_core(layer.name, core, spec))
    return Mapping(chip=spec.name, uses=tuple(uses))


def options_from_config(config: Table[str, Any], spec: SpeckSpec) -> ConfigOptions:
    """Return what a configuration says beside the network, so that it can be written again.

    Args:
        config: a checked configuration.
        spec: the chip.
    """
    known = {number: row[0] for number, row in names_of(config).items()}
    cores = {known.get(n, f"core{n}"): core for n, core in enumerate(config["cnn_layers"])}
    decimate = {
        name: KEEP_ONE_OF[core["output_decimator_interval"]]
        for name, core in cores.items()
        if core.get("output_decimator_enable")
    }
    sensor = config["dvs_layer"]
    return ConfigOptions(
        sensor=sensor_from_config(config),
        pass_sensor_events=sensor["pass_sensor_events"],
        monitor_sensor=sensor["monitor_enable"],
        monitor_raw=sensor["raw_monitor_enable"],
        monitor=tuple(name for name, core in cores.items() if core["monitor_enable"]),
        decimate=decimate,
        readout=ReadoutOptions.from_fields(config["readout"]),
    )


def _read_cores(config: Table[str, Any], spec: SpeckSpec) -> set[str]:
    """Return the names of layers whose channels the readout takes as classes."""
    readout = config.get("readout", {})
    if not readout.get("enable") or readout.get("readout_configuration_sel") != ONE_PIXEL:
        return set()
    known = {number: row[0] for number, row in names_of(config).items()}
    return {
        known.get(number, f"core{number}")
        for number in used_cores(config)
        for target in config["cnn_layers"][number]["destinations"]
        if target["enable"] and target["layer"] == spec.readout_layer
    }


def _inputs(config: Table[str, Any], used: list[int], fed: set[int]) -> list[int]:
    """Return the cores that take the input: as the header says, else those that none feeds."""
    said = config.get("header", {}).get("input_cores")
    return [n for n in used if n not in fed] if said is None else list(said)


def _input_shape(config: Table[str, Any], first: list[QuantizedLayer]) -> Shape:
    said = config.get("header", {}).get("input_shape")
    if said is not None:
        return tuple(said)
    shapes = {layer.input_shape for layer in first}
    if len(shapes) != 1:
        listed = ", ".join(map(str, sorted(shapes))) or "none"
        names = ", ".join(layer.name for layer in first)
        message = f"cores that no other core feeds ({names}) take maps of one shape, "
        message += f"the network's input: {listed}"
        raise FormatError(message, path="config", hint="look for a destination that is disabled")
    return shapes.pop()


def _checked(sent: list[Sent], used: list[int]) -> list[Sent]:
    for number, target in sent:
        if target["layer"] not in used:
            message = f"core{number} sends to core{target['layer']}, which is not configured"
            raise FormatError(message, path="config", hint="disable that destination")
    return sent


def _in_order(used: list[int], sent: list[Sent]) -> list[int]:
    """Return each core after those that feed it."""
    before: dict[int, list[int]] = {number: [] for number in used}
    for number, target in _checked(sent, used):
        before[target["layer"]].append(number)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " → ".join(f"core{number}" for number in error.args[1])
        message = f"cores feed one another in a circle: {circle}"
        raise FormatError(message, path="config", hint="disable one of these links") from error


def _layer_from_config(number: int, core: Config, known: Table[int, Names]) -> QuantizedLayer:
    own = f"core{number}"
    name, neurons, scale, rescale = known.get(number, (own, own, 1.0, 1.0))
    size = core["dimensions"]["input_shape"]
    stride, padding = core["dimensions"]["stride"], core["dimensions"]["padding"]
    bias = np.array(core["biases"], np.int8)
    return QuantizedLayer(
        name=name,
        spiking_name=neurons,
        input_shape=(size["feature_count"], size["size"]["y"], size["size"]["x"]),
        weight=np.array(core["weights"], np.int8).swapaxes(2, 3),
        bias=bias if core["leak_enable"] else None,
        stride=(stride["y"], stride["x"]),
        padding=(padding["y"], padding["x"]),
        threshold=core["threshold_high"],
        lower_bound=core["threshold_low"],
        reset="zero" if core["return_to_zero"] else "subtract",
        scale=scale,
        rescale=rescale,
    )
