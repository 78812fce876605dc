"""What connects the parts of a configuration; the errors are in the test of the whole."""

import pytest

from devices.speck.config_links import sensor_shape


@pytest.mark.parametrize(
    ("merge", "swap", "shape"),
    [(False, False, (2, 10, 4)), (True, False, (1, 10, 4)), (False, True, (2, 4, 10))],
)
def test_the_sensor_makes_maps_of_the_region_kept(
    *, merge: bool, swap: bool, shape: tuple[int, int, int]
) -> None:
    region = {"origin": {"x": 2, "y": 4}, "cut": {"x": 11, "y": 7}}
    assert sensor_shape({**region, "merge": merge, "mirror_diagonal": swap}) == shape
