"""Doors to boards: each family by its own, and none where nobody knows one."""

import pytest

from devices.chips import chip
from devices.doors import SpeckDoor, XyloDoor, door_of
from devices.xylo.chip import XYLO_AUDIO3
from devices.xylo.config import make_config
from eventstore.errors import InvalidInput
from tests.devices.xylo.test_deploy import StandIn
from tests.devices.xylo.test_net import small_net


def test_each_family_has_its_door() -> None:
    speck = door_of(chip("speck2f"), slow_clock_hz=100)
    assert isinstance(speck, SpeckDoor)
    assert speck.slow_clock_hz == 100
    assert isinstance(door_of(chip("xylo_audio2")), XyloDoor)
    with pytest.raises(InvalidInput, match="has no slow clock"):
        door_of(chip("xylo_audio2"), slow_clock_hz=100)


def test_what_has_no_boards_here_is_told() -> None:
    class Other:
        name = "other"

    with pytest.raises(InvalidInput, match="no way from here to boards of other"):
        door_of(Other())  # type: ignore[arg-type]


def test_a_configuration_goes_through() -> None:
    config, samna = make_config(small_net(), XYLO_AUDIO3), StandIn(XYLO_AUDIO3)
    door = door_of(chip("xylo_audio3"))
    assert door.judge(config, samna) == []
    door.run(config, samna)
    assert len(samna.applied) == 1
    refusing = StandIn(XYLO_AUDIO3, refusal="no")
    assert [f.check for f in door.judge(config, refusing)] == ["vendor-validator"]
