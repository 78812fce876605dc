"""Doors to boards: each family by its own, and none where nobody knows one."""

import json
from pathlib import Path

import pytest

from devices.chips import chip
from devices.doors import DynapseDoor, SpeckDoor, XyloDoor, door_of
from devices.xylo.chip import XYLO_AUDIO3
from devices.xylo.config import make_config
from eventstore.errors import InvalidInput
from tests.devices.dynapse.test_deploy import CONFIG, TABLE, stand_in
from tests.devices.xylo.test_deploy import StandIn
from tests.devices.xylo.test_net import small_net


def test_each_family_has_its_door() -> None:
    speck = door_of(chip("speck2f"), slow_clock_hz=100)
    assert isinstance(speck, SpeckDoor)
    assert speck.slow_clock_hz == 100
    assert isinstance(door_of(chip("xylo_audio2")), XyloDoor)
    with pytest.raises(InvalidInput, match="has no slow clock"):
        door_of(chip("xylo_audio2"), slow_clock_hz=100)


def test_currents_of_an_analogue_chip_come_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(TABLE.amperes.tolist()))
    door = door_of(chip("dynapse2"), bias_table=path)
    assert isinstance(door, DynapseDoor)
    assert not door.validates
    samna = stand_in()
    assert door.check(CONFIG) == door.judge(CONFIG, samna)
    door.run(CONFIG, samna)
    assert len(samna.applied) == 1
    with pytest.raises(InvalidInput, match="only a table knows") as told:
        door_of(chip("dynapse2"))
    assert "--bias-table FILE" in told.value.hint
    with pytest.raises(InvalidInput, match="dynapse2 has no slow clock"):
        door_of(chip("dynapse2"), bias_table=path, slow_clock_hz=100)
    with pytest.raises(InvalidInput, match="speck2f is digital"):
        door_of(chip("speck2f"), bias_table=path)


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
