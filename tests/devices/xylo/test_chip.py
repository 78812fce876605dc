"""The family as data."""

from devices.chips import CHIPS
from devices.xylo.chip import SPECS, XYLO_AUDIO2, XYLO_IMU


def test_every_chip_is_in_the_table_under_its_name() -> None:
    assert {spec.name for spec in SPECS} <= set(CHIPS)
    assert len({spec.product for spec in SPECS}) == len(SPECS)


def test_ranges_follow_widths() -> None:
    assert (XYLO_AUDIO2.weight_top, XYLO_AUDIO2.state_top, XYLO_AUDIO2.dash_top) == (127, 32767, 15)
    assert XYLO_IMU.fan_out is not None
    assert XYLO_IMU.fan_out >= XYLO_IMU.n_hidden  # so that no rule of it can be broken
