"""The sensor layer's section: fields of the reference, and limits of the chip."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.speck.chip import SPECK2F
from devices.speck.config_links import sensor_shape
from devices.speck.config_options import ConfigOptions
from devices.speck.config_sensor import destinations, sensor_config, sensor_from_config
from devices.speck.sensor import SensorLayer
from eventstore.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("plain", SensorLayer()),
        (
            "merge_pool_crop_flip",
            SensorLayer(merge_polarities=True, pool=(2, 2), crop=(4, 8, 60, 56), flip_x=True),
        ),
        ("swap", SensorLayer(pool=(4, 4), flip_y=True, swap_axes=True)),
    ],
)
def test_fields_equal_the_reference(shared_oracles: Path, name: str, layer: SensorLayer) -> None:
    reference = json.loads((shared_oracles / "speck_meta.json").read_text())["dvs"][name]
    found = sensor_config(ConfigOptions(sensor=layer), [0], SPECK2F)
    assert {field: found[field] for field in reference["cfg"]} == reference["cfg"]
    taken = reference["layer0_dim"]["input_shape"]
    size = taken["size"]
    assert sensor_from_config({"dvs_layer": found}) == layer
    assert layer.output_shape == (taken["feature_count"], size["y"], size["x"])
    assert sensor_shape(found) == (taken["feature_count"], size["x"], size["y"])


def test_without_a_sensor_layer_all_of_it_is_off() -> None:
    found = sensor_config(ConfigOptions(monitor_raw=True), [0], SPECK2F)
    assert not found["pass_sensor_events"]
    assert sensor_from_config({"dvs_layer": found}) is None
    assert not any(target["enable"] for target in found["destinations"])
    assert found["raw_monitor_enable"]


def test_more_targets_than_the_chip_has_are_refused() -> None:
    cores: Any = [0, 1, 2]
    with pytest.raises(InvalidInput, match="cores 0, 1, 2 take the input, the sensor feeds 2"):
        sensor_config(ConfigOptions(sensor=SensorLayer()), cores, SPECK2F)
    with pytest.raises(InvalidInput, match="3 destinations, the limit is 2"):
        destinations([(core, 1, 0) for core in cores], SPECK2F)
