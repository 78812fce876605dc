"""Checks of what connects the parts of a configuration: destinations, sensor, readout, monitors."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from devices.speck.chip import SpeckSpec
from devices.speck.readout_spread import spread_width
from eventstore.findings import Finding, Severity, error_at, finding_at

MapShape: TypeAlias = tuple[int, int, int]

ONE_PIXEL = 3
"""Number of the readout's addressing in which features of one pixel are classes."""


def used_cores(config: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the cores that compute a layer.

    Examples:
        >>> used_cores({"cnn_layers": [{"dimensions": {}}, {}]})
        [0]
    """
    return [at for at, core in enumerate(config["cnn_layers"]) if "dimensions" in core]


def check_links(config: Mapping[str, Any], spec: SpeckSpec) -> Iterator[Finding]:
    """Yield what does not fit together between cores, sensor and readout.

    Args:
        config: a configuration whose fields are all there and in range.
        spec: the chip it is for.
    """
    cores = config["cnn_layers"]
    used = set(used_cores(config))
    for number, core in enumerate(cores):
        path = f"cnn_layers[{number}]"
        if number not in used:
            yield from _check_idle(core, path)
            continue
        features, width, height = _shape(core["dimensions"]["output_shape"])
        for at, target in _enabled(core):
            where = f"{path}.destinations[{at}]"
            pool = target["pooling"]
            shape = (features + target["feature_shift"], width // pool, height // pool)
            if target["layer"] != spec.readout_layer:
                yield from _check_target(target, shape, where, cores)
    yield from _check_features(config, used)
    yield from _check_circles(cores, used)
    yield from _check_input(config, used)
    yield from _check_sensor(config)
    yield from _check_output(config, spec)


def _shape(shape: Mapping[str, Any]) -> MapShape:
    return shape["feature_count"], shape["size"]["x"], shape["size"]["y"]


def _enabled(layer: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(at, target) for at, target in enumerate(layer["destinations"]) if target["enable"]]


def _check_idle(core: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for at, target in _enabled(core):
        message = f"core computes nothing, yet sends to {target['layer']}"
        where = f"{path}.destinations[{at}]"
        yield error_at(where, message, "config-destination", "set enable to false")


def _check_target(
    target: Mapping[str, Any], shape: MapShape, where: str, cores: list[Mapping[str, Any]]
) -> Iterator[Finding]:
    """Yield what is wrong with one destination, to which maps (features, x, y) are sent."""
    number = target["layer"]
    if number >= len(cores) or "dimensions" not in cores[number]:
        message = f"expected a core that computes a layer, found {number}"
        yield error_at(f"{where}.layer", message, "config-destination", "set enable to false")
        return
    taken = _shape(cores[number]["dimensions"]["input_shape"])
    if shape[1:] != taken[1:] or shape[0] > taken[0]:
        message = f"sends maps (features, x, y) of {shape}, core {number} takes {taken}"
        fix = "check pooling and layer, or write the file again"
        yield error_at(where, message, "config-destination", fix)


def _check_features(config: Mapping[str, Any], used: set[int]) -> Iterator[Finding]:
    """Yield an error for each core some of whose features nothing feeds."""
    fed: dict[int, set[int]] = {number: set() for number in used}
    for number in sorted(used):
        core = config["cnn_layers"][number]
        features, _, _ = _shape(core["dimensions"]["output_shape"])
        for _, target in _enabled(core):
            first = target["feature_shift"]
            fed.get(target["layer"], set()).update(range(first, first + features))
    for number in sorted(used - set(config["header"]["input_cores"])):
        taken, _, _ = _shape(config["cnn_layers"][number]["dimensions"]["input_shape"])
        missing = set(range(taken)) - fed[number]
        if fed[number] and missing:
            message = f"core takes {taken} features, nothing feeds {_spelt(sorted(missing))}"
            fix = "check feature_shift of the cores that send to it, or write the file again"
            yield error_at(f"cnn_layers[{number}]", message, "config-destination", fix)


def _spelt(numbers: list[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} … {numbers[-1]}"


def _check_circles(cores: list[Mapping[str, Any]], used: set[int]) -> Iterator[Finding]:
    """Yield an error where cores feed one another in a circle: events could run for ever."""
    left = {n: {t["layer"] for _, t in _enabled(cores[n])} & used for n in used}
    while ended := [number for number, targets in left.items() if not targets & left.keys()]:
        for number in ended:
            del left[number]
    if left:
        message = f"cores {', '.join(map(str, sorted(left)))} feed one another in a circle"
        fix = "disable one of their destinations: recurrence can lock the chip up"
        where = f"cnn_layers[{min(left)}].destinations"
        yield error_at(where, message, "config-circle", fix)


def _check_input(config: Mapping[str, Any], used: set[int]) -> Iterator[Finding]:
    """Yield what is wrong with the cores that take the input."""
    cores, inputs = config["cnn_layers"], config["header"]["input_cores"]
    for at, number in enumerate(inputs):
        if number not in used:
            message = f"expected a core that computes a layer, found {number}"
            where = f"header.input_cores[{at}]"
            yield error_at(where, message, "config-input", "write the file again")
    fed = {target["layer"] for number in used for _, target in _enabled(cores[number])}
    for number in sorted(used - fed - set(inputs)):
        message = f"nothing feeds core {number}"
        fix = "name it in header.input_cores, or let another core send to it"
        yield error_at(f"cnn_layers[{number}]", message, "config-input", fix)
    yield from _check_input_shape(config, [number for number in inputs if number in used])
    sensed = {target["layer"] for _, target in _enabled(config["dvs_layer"])}
    if sensed and sensed != set(inputs):
        message = f"expected the cores of header.input_cores, {inputs}, found {sorted(sensed)}"
        fix = "let the sensor send to just the cores that take the input"
        yield error_at("dvs_layer.destinations", message, "config-input", fix)


def _check_input_shape(config: Mapping[str, Any], inputs: list[int]) -> Iterator[Finding]:
    said = config["header"]["input_shape"]
    for number in inputs:
        features, width, height = _shape(config["cnn_layers"][number]["dimensions"]["input_shape"])
        if said not in ([features, height, width], [features * height * width]):
            message = f"expected {[features, height, width]} as core {number} takes it, "
            message += f"found {said}"
            yield error_at("header.input_shape", message, "config-input", "write the file again")
            return


def _check_sensor(config: Mapping[str, Any]) -> Iterator[Finding]:
    sensor = config["dvs_layer"]
    sent = _enabled(sensor)
    for axis in ("x", "y"):
        if sensor["origin"][axis] > sensor["cut"][axis]:
            message = f"expected at least origin.{axis}, {sensor['origin'][axis]}, "
            message += f"found {sensor['cut'][axis]}"
            yield error_at(f"dvs_layer.cut.{axis}", message, "config-sensor", "swap the two")
            return
    for at, target in sent:
        pool = target["pooling"]
        features, width, height = sensor_shape(sensor)
        shape = (features + target["feature_shift"], width // pool, height // pool)
        where = f"dvs_layer.destinations[{at}]"
        if pool > 1 or target["feature_shift"]:
            message = "the sensor's events are pooled or shifted on their way to a core"
            fix = (
                "pool in the sensor layer, dvs_layer.pooling; set pooling to 1, feature_shift to 0"
            )
            yield error_at(where, message, "config-destination", fix)
        yield from _check_target(target, shape, where, config["cnn_layers"])
    if sensor["pass_sensor_events"] and not sent:
        message = "the sensor is on, but sends to no core"
        fix = "enable a destination, or set pass_sensor_events to false"
        where = "dvs_layer.pass_sensor_events"
        yield finding_at(Severity.WARNING, where, message, "sensor-unused", fix)


def sensor_shape(sensor: Mapping[str, Any]) -> MapShape:
    """Return features, columns and rows of the maps that a ``dvs_layer`` makes.

    Examples:
        >>> sensor = {"origin": {"x": 0, "y": 4}, "cut": {"x": 9, "y": 7}, "merge": True}
        >>> sensor_shape({**sensor, "mirror_diagonal": True})
        (1, 4, 10)
    """
    width, height = (sensor["cut"][axis] - sensor["origin"][axis] + 1 for axis in ("x", "y"))
    features = 1 if sensor["merge"] else 2
    if sensor["mirror_diagonal"]:
        return features, height, width
    return features, width, height


def _check_output(config: Mapping[str, Any], spec: SpeckSpec) -> Iterator[Finding]:
    """Yield where nothing comes out, or the readout and the cores do not agree."""
    cores, readout = config["cnn_layers"], config["readout"]
    read = [
        number
        for number, core in enumerate(cores)
        if any(target["layer"] == spec.readout_layer for _, target in _enabled(core))
    ]
    if readout["enable"] and not read:
        message = f"the readout is on, but no core sends to {spec.readout_layer}"
        fix = "let the last core send to it, or set readout.enable to false"
        yield error_at("readout.enable", message, "config-readout", fix)
    if read and not readout["enable"]:
        message = f"core {read[0]} sends to the readout, which is off"
        yield error_at("readout.enable", message, "config-readout", "set it to true")
    monitored = any(core["monitor_enable"] for core in cores)
    told = readout["monitor_enable"] or readout["readout_pin_monitor_enable"]
    if not monitored and not (readout["enable"] and told):
        message = "no core and no readout is monitored: the host is told nothing"
        fix = "set monitor_enable of the last core to true"
        yield finding_at(Severity.WARNING, "cnn_layers", message, "nothing-monitored", fix)
    if readout["monitor_enable"] and monitored:
        message = "while the readout's values are told, the chip tells no spikes of its cores"
        fix = "set readout.monitor_enable to false, or readout_pin_monitor_enable to true instead"
        yield finding_at(
            Severity.WARNING, "readout.monitor_enable", message, "spikes-not-told", fix
        )
    yield from _check_classes(config, read, spec)


def _check_classes(
    config: Mapping[str, Any], read: list[int], spec: SpeckSpec
) -> Iterator[Finding]:
    """Yield where channels fire that the readout does not see."""
    readout, step = config["readout"], spec.readout_channel_step
    if not readout["enable"] or readout["readout_configuration_sel"] != ONE_PIXEL:
        return
    last = spread_width(spec.readout_classes, step)
    for number in read:
        weights = np.array(config["cnn_layers"][number]["weights"])
        channel = np.arange(len(weights))
        alive = weights.reshape(len(weights), -1).any(axis=1)
        unseen = np.flatnonzero(alive & ((channel % step > 0) | (channel >= last)))
        if len(unseen):
            seen = f"0, {step}, … {last - 1}" if step > 1 else f"0 … {last - 1}"
            message = f"the readout sees channels {seen}, not channel {unseen[0]}"
            message += f" and {len(unseen) - 1} more that have weights" if len(unseen) > 1 else ""
            fix = "write the file again, from the network: its classes are spread then"
            where = f"cnn_layers[{number}].weights"
            yield finding_at(Severity.WARNING, where, message, "readout-channels", fix)
