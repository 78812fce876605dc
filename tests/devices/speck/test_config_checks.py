"""Checks of whole configurations: what does not go together is found where it stands."""

import copy
import json
from typing import Any

import pytest

from devices.conformance import small_graph
from devices.speck.chip import SPECK2F
from devices.speck.config import make_config
from devices.speck.config_checks import check_config
from devices.speck.config_links import used_cores
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.mapping import map_layers
from devices.speck.quantize import quantize_graph
from eventstore.findings import Severity


@pytest.fixture(scope="module")
def good() -> dict[str, Any]:
    q = quantize_graph(small_graph(), SPECK2F)
    return make_config(q, map_layers(q, SPECK2F), SPECK2F)


def changed(config: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return the configuration with a field changed; A and B stand for the cores in use."""
    changed = copy.deepcopy(config)
    first, last = (row["core"] for row in config["header"]["quantisation"])
    at: Any = changed
    *steps, field = (
        path.replace("A", f"cnn_layers.{first}").replace("B", f"cnn_layers.{last}").split(".")
    )
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]
    at[int(field) if field.isdigit() else field] = value
    return changed


def test_what_is_written_is_good(good: dict[str, Any]) -> None:
    assert check_config(good, SPECK2F) == []
    assert check_config(json.loads(json.dumps(good)), SPECK2F) == []
    assert used_cores(good) == sorted(row["core"] for row in good["header"]["quantisation"])


@pytest.mark.parametrize(
    ("path", "value", "where", "message"),
    [
        ("header.chip", "speck2e", "header.chip", "expected speck2f, found speck2e"),
        ("header.input_shape", [2, 8, 9], "header.input_shape", "expected [2, 8, 8] as core"),
        ("header.input_cores", [8], "header.input_cores[0]", "computes a layer, found 8"),
        ("header.input_cores", [], "A", "nothing feeds core"),
        ("A.biases", [0, 0], "A.biases", "expected 4 by dimensions, found 2"),
        ("A.dimensions.padding.x", 1, "A.dimensions.output_shape.size.x", "expected 8 by input"),
        ("A.threshold_low", 32767, "A.threshold_low", "expected less than threshold_high"),
        ("A.destinations.0.layer", 8, "A.destinations[0].layer", "computes a layer, found 8"),
        ("A.destinations.0.layer", 11, "A.destinations[0].layer", "computes a layer, found 11"),
        ("A.destinations.0.pooling", 1, "A.destinations[0]", "sends maps (features, x, y) of (4,"),
        ("dvs_layer.origin.x", 127, "dvs_layer.cut.x", "expected at least origin.x, 127, found 3"),
        ("readout.enable", True, "readout.enable", "no core sends to 12"),
    ],
)
def test_an_error_is_told_where_it_is(
    good: dict[str, Any], path: str, value: object, where: str, message: str
) -> None:
    config = changed(good, path, value)
    if "origin" in path:
        config["dvs_layer"]["cut"]["x"] = 3
    first = good["header"]["quantisation"][0]["core"]
    place = where.replace("A", f"cnn_layers[{first}]")
    found = [f for f in check_config(config, SPECK2F) if f.where == place and message in f.message]
    assert found, check_config(config, SPECK2F)
    assert found[0].is_error
    assert found[0].fix


def test_a_layer_too_large_for_its_core_is_an_error(good: dict[str, Any]) -> None:
    config = copy.deepcopy(good)
    first = good["header"]["quantisation"][0]["core"]
    core = config["cnn_layers"][first]
    shape = core["dimensions"]["output_shape"]
    shape["feature_count"] = 1024
    core["weights"] = [core["weights"][0]] * 1024
    core["biases"] = [0] * 1024
    core["neurons_initial_value"] = [core["neurons_initial_value"][0]] * 1024
    core["leak_enable"] = True
    found = [f.message for f in check_config(config, SPECK2F) if f.check == "config-memory"]
    assert found
    assert all(message.startswith("expected ≤ ") for message in found)
    assert f"words of weights in core {first}, found 32,768" in found[0]


def test_cores_in_a_circle_are_an_error(good: dict[str, Any]) -> None:
    first = good["header"]["quantisation"][0]["core"]
    config = changed(
        good, "B.destinations.0", {"enable": True, "layer": first, "pooling": 1, "feature_shift": 0}
    )
    assert "config-circle" in {f.check for f in check_config(config, SPECK2F)}


@pytest.mark.parametrize(
    ("path", "value", "check"),
    [
        ("A.threshold_low", 0, "lower-bound-of-zero"),
        ("A.biases", [1, 0, 0, 0], "biases-switched-off"),
        ("B.monitor_enable", False, "nothing-monitored"),
        ("dvs_layer.pass_sensor_events", True, "sensor-unused"),
        ("A.threshold_high", 9, "config-edited"),
    ],
)
def test_what_is_odd_is_a_warning(
    good: dict[str, Any], path: str, value: object, check: str
) -> None:
    found = {f.check: f for f in check_config(changed(good, path, value), SPECK2F)}
    assert found[check].severity == Severity.WARNING
    assert not [f for f in found.values() if f.is_error and f.check != "config-thresholds"]


def test_a_core_in_no_use_that_sends_is_an_error(good: dict[str, Any]) -> None:
    config = copy.deepcopy(good)
    config["cnn_layers"][8]["destinations"][0]["enable"] = True
    assert [f.where for f in check_config(config, SPECK2F)] == ["cnn_layers[8].destinations[0]"]


def test_a_readout_that_hides_the_spikes_is_a_warning() -> None:
    q = quantize_graph(small_graph(), SPECK2F)
    options = ConfigOptions(readout=ReadoutOptions(tell="values"))
    config = make_config(q, map_layers(q, SPECK2F), SPECK2F, options)
    assert [f.check for f in check_config(config, SPECK2F)] == ["spikes-not-told"]
