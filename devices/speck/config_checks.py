"""Checks of a whole configuration: fields alone, each core in itself, and what connects them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from devices.config_schema import check_fields
from devices.nodes import window_count
from devices.speck.chip import SpeckSpec
from devices.speck.config_fields import config_fields
from devices.speck.config_graph import graph_from_config
from devices.speck.config_header import network_digest
from devices.speck.config_links import check_links, used_cores
from devices.speck.core_words import Words
from eventstore.findings import Finding, Severity, error_at, finding_at, has_errors

AGAIN = "write the file again: spikelake chip config"


def check_config(config: Mapping[str, Any], spec: SpeckSpec) -> list[Finding]:
    """Return what is wrong with a configuration, each finding with the path of its field.

    Where fields are missing, unknown or out of range, those alone are told; else also what does
    not go together: shapes, memories, destinations, the sensor and the readout.

    Args:
        config: the configuration, through JSON or not.
        spec: the chip it is for.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> [f.where for f in check_config({"cnn_layers": []}, SPECK2F)]
        ['header', 'cnn_layers', 'dvs_layer', 'readout']
    """
    fields = list(check_fields(config, config_fields(spec)))
    if fields:
        return fields
    found = list(_check_header(config["header"], spec))
    for number in used_cores(config):
        core = config["cnn_layers"][number]
        found += _check_core(core, f"cnn_layers[{number}]", number, spec)
    found += check_links(config, spec)
    if not has_errors(found):
        found += _check_digest(config, spec)
    return found


def _check_header(header: Mapping[str, Any], spec: SpeckSpec) -> Iterator[Finding]:
    if header["chip"] != spec.name:
        message = f"expected {spec.name}, found {header['chip']}"
        fix = "name the chip that the file was written for, or write one for this chip"
        yield error_at("header.chip", message, "config-chip", fix)


def _check_digest(config: Mapping[str, Any], spec: SpeckSpec) -> Iterator[Finding]:
    """Yield a warning where the file holds another network than the one it was written for."""
    found = network_digest(graph_from_config(config, spec))
    if found != config["header"]["model_digest"]:
        message = "the network was changed since the file was written"
        fix = f"if that was meant, set it to {found}"
        yield finding_at(Severity.WARNING, "header.model_digest", message, "config-edited", fix)


def _check_core(
    core: Mapping[str, Any], path: str, number: int, spec: SpeckSpec
) -> Iterator[Finding]:
    """Yield what does not fit together within one core."""
    shapes = list(_check_shapes(core, path))
    yield from shapes or _check_memory(core, path, number, spec)
    yield from _check_neurons(core, path)


def _check_shapes(core: Mapping[str, Any], path: str) -> Iterator[Finding]:
    sizes = core["dimensions"]
    before, after, kernel = sizes["input_shape"], sizes["output_shape"], sizes["kernel_size"]
    features, maps = after["feature_count"], (after["size"]["x"], after["size"]["y"])
    weights = (features, before["feature_count"], kernel, kernel)
    expected = {
        "weights": weights,
        "biases": (features,),
        "neurons_initial_value": (features, *maps),
        "weights_kill_bit": weights,
        "biases_kill_bit": (features,),
        "neurons_value_kill_bit": (features, *maps),
    }
    for name, shape in expected.items():
        found = np.shape(core[name]) if name in core else shape
        if found != shape:
            message = f"expected {_times(shape)} by dimensions, found {_times(found)}"
            yield error_at(f"{path}.{name}", message, "config-shape", AGAIN)
    for axis in ("x", "y"):
        count = window_count(
            before["size"][axis],
            kernel=kernel,
            stride=sizes["stride"][axis],
            padding=sizes["padding"][axis],
        )
        if count != after["size"][axis]:
            message = f"expected {count} by input, kernel, stride and padding, "
            message += f"found {after['size'][axis]}"
            where = f"{path}.dimensions.output_shape.size.{axis}"
            yield error_at(where, message, "config-shape", AGAIN)


def _check_memory(
    core: Mapping[str, Any], path: str, number: int, spec: SpeckSpec
) -> Iterator[Finding]:
    size = core["dimensions"]["output_shape"]["size"]
    neurons = (len(core["biases"]), size["y"], size["x"])
    need = Words.of(np.shape(core["weights"]), neurons, has_bias=core["leak_enable"])
    held = spec.cores[number]
    for what, words, most in (
        ("weights", need.kernel, held.kernel_words),
        ("states", need.neuron, held.neuron_words),
        ("biases", need.bias, held.bias_words),
    ):
        if words > most:
            message = f"expected ≤ {most:,} words of {what} in core {number}, found {words:,}"
            fix = "map the network again: spikelake chip config"
            yield error_at(path, message, "config-memory", fix)


def _check_neurons(core: Mapping[str, Any], path: str) -> Iterator[Finding]:
    low, high = core["threshold_low"], core["threshold_high"]
    if low >= high:
        message = f"expected less than threshold_high, which is {high}, found {low}"
        yield error_at(f"{path}.threshold_low", message, "config-thresholds", AGAIN)
    elif low == 0:
        message = "chips of the generation 2f are known not to hold a lower bound of 0"
        fix = "set it to -1, or train with min_v_mem below 0"
        where = f"{path}.threshold_low"
        yield finding_at(Severity.WARNING, where, message, "lower-bound-of-zero", fix)
    if any(core["biases"]) and not core["leak_enable"]:
        message = "expected true, as biases are not all 0, found false: they are never added"
        where = f"{path}.leak_enable"
        yield finding_at(Severity.WARNING, where, message, "biases-switched-off", "set it to true")


def _times(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single value"
