"""The sensor layer's section: fields of the reference, and limits of the chip."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devices.speck.chip import SPECK2F
from devices.speck.config_links import sensor_shape
from devices.speck.config_options import ConfigOptions
from devices.speck.config_sensor import destinations, sensor_config
from eventstore.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A sensor layer, by the fields that a configuration needs."""

    merge_polarities: bool = False
    pool: tuple[int, int] = (1, 1)
    crop: tuple[int, int, int, int] | None = None
    flip_x: bool = False
    flip_y: bool = False
    swap_axes: bool = False


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("plain", Layer()),
        (
            "merge_pool_crop_flip",
            Layer(merge_polarities=True, pool=(2, 2), crop=(4, 8, 60, 56), flip_x=True),
        ),
        ("swap", Layer(pool=(4, 4), flip_y=True, swap_axes=True)),
    ],
)
def test_fields_equal_the_reference(shared_oracles: Path, name: str, layer: Layer) -> None:
    reference = json.loads((shared_oracles / "speck_meta.json").read_text())["dvs"][name]
    found = sensor_config(ConfigOptions(sensor=layer), [0], SPECK2F)
    assert {field: found[field] for field in reference["cfg"]} == reference["cfg"]
    taken = reference["layer0_dim"]["input_shape"]
    size = taken["size"]
    assert sensor_shape(found) == (taken["feature_count"], size["x"], size["y"])


def test_without_a_sensor_layer_all_of_it_is_off() -> None:
    found = sensor_config(ConfigOptions(monitor_raw=True), [0], SPECK2F)
    assert not found["pass_sensor_events"]
    assert not any(target["enable"] for target in found["destinations"])
    assert found["raw_monitor_enable"]


def test_a_region_beyond_the_map_is_refused() -> None:
    for crop in ((0, 0, 65, 64), (8, 0, 8, 64), (-1, 0, 3, 3)):
        options = ConfigOptions(sensor=Layer(pool=(2, 2), crop=crop))
        with pytest.raises(InvalidInput, match="not on the pooled map of 64 × 64"):
            sensor_config(options, [0], SPECK2F)


def test_more_targets_than_the_chip_has_are_refused() -> None:
    cores: Any = [0, 1, 2]
    with pytest.raises(InvalidInput, match="cores 0, 1, 2 take the input, the sensor feeds 2"):
        sensor_config(ConfigOptions(sensor=Layer()), cores, SPECK2F)
    with pytest.raises(InvalidInput, match="3 destinations, the limit is 2"):
        destinations([(core, 1) for core in cores], SPECK2F)
