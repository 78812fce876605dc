"""Steps that chips of several cores take otherwise."""

import pytest

from devices.chips import chip
from devices.cli_steps import refuse_options, way_of
from eventstore.errors import InvalidInput


def test_only_chips_of_several_cores_take_single_events() -> None:
    speck, xylo = chip("speck2f"), chip("xylo_imu")
    assert way_of(speck, by_event=True) == speck.simulate_events  # type: ignore[attr-defined]
    assert way_of(xylo, by_event=False) == xylo.simulate
    with pytest.raises(InvalidInput, match="xylo_imu works in time steps"):
        way_of(xylo, by_event=True)


def test_options_of_another_family_are_refused_where_they_are_given() -> None:
    target = chip("xylo_imu")
    refuse_options(target, {"monitor": None, "split-layer": []})
    with pytest.raises(InvalidInput, match="--decimate is for chips of the Speck family"):
        refuse_options(target, {"monitor": None, "decimate": ["a=4"]})
