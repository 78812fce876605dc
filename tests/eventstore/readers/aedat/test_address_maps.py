"""Address maps: chips are known by the names that headers carry, others refused or guessed."""

import pytest

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.aedat.address_maps import ADDRESS_MAPS, guess_map, named_map


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ch.unizh.ini.jaer.chip.retina.DVS128", "dvs128"),
        ("ch.unizh.ini.caviar.chip.retina.Tmpdiff128", "dvs128"),
        ("eu.seebetter.ini.chips.davis.Davis128", "davis128"),
        ("eu.seebetter.ini.chips.davis.Davis208PixelParade", "davis208"),
        ("eu.seebetter.ini.chips.davis.DAVIS240C", "davis240"),
        ("eu.seebetter.ini.chips.DAViS.DAViS240", "davis240"),
        ("eu.seebetter.ini.chips.sbret10.SBret10", "davis240"),
        ("eu.seebetter.ini.chips.davis.Davis346blue", "davis346"),
        ("DAVI346", "davis346"),
        ("eu.seebetter.ini.chips.davis.DavisRGBW640", "davis640"),
        ("com.inivation.DVXplorer", "dvxplorer"),
        ("com.inivation.DVXplorerLite", "dvxplorer-lite"),
    ],
)
def test_chips_are_known_by_their_class(said: str, name: str) -> None:
    found = named_map("a.aedat", {"AEChip": said})
    assert found is ADDRESS_MAPS[name]


def test_the_interface_names_the_chip_where_no_class_does() -> None:
    stated = {"AEChip": "eu.seebetter.ini.chips.davis.DavisX", "HardwareInterface": "DAVIS240 00"}
    assert named_map("a.aedat", stated) is ADDRESS_MAPS["davis240"]
    assert named_map("a.aedat", {"HardwareInterface": "DVS128"}) is ADDRESS_MAPS["dvs128"]
    assert named_map("a.aedat", {"HardwareInterface": "DAVIS FX3 0002-INI"}) is None
    assert named_map("a.aedat", {}) is None


@pytest.mark.parametrize("said", ["a.b.CochleaAMS1c", "a.DVS128andCochleaAMS1b", "a.b.Foveated9"])
def test_addresses_of_other_chips_are_not_guessed(said: str) -> None:
    with pytest.raises(FormatError, match=said.rpartition(".")[2]) as caught:
        named_map("a.aedat", {"AEChip": said})
    assert "sensor_map" in caught.value.hint


@pytest.mark.parametrize(
    ("extent", "sensor", "name"),
    [
        ((-1, -1, -1), None, "dvs128"),
        ((0xFFFF, 15, 0), None, "dvs128"),
        ((1 << 16, 239, 179), None, "davis240"),
        ((1 << 30, 240, 179), None, "davis346"),
        ((1 << 30, 3, 180), None, "davis346"),
        ((1 << 30, 346, 3), None, "davis640"),
        ((1 << 30, 1000, 3), None, "davis640"),
        ((1 << 30, 3, 3), Sensor(346, 260), "davis346"),
        ((1 << 30, 3, 3), Sensor(34, 34), "davis240"),
    ],
)
def test_the_smallest_map_that_holds_all_is_assumed_and_said(
    extent: tuple[int, int, int], sensor: Sensor | None, name: str
) -> None:
    found, finding = guess_map("a.aedat", sensor, lambda _: extent)
    assert found.name == name
    assert name in finding.message


def test_no_two_fields_of_an_address_overlap() -> None:
    for name, bits in ADDRESS_MAPS.items():
        fields = [
            ((1 << bits.x_bits) - 1) << bits.x_shift,
            ((1 << bits.y_bits) - 1) << bits.y_shift,
            1 << bits.p_shift,
            bits.others,
        ]
        assert sum(fields) == fields[0] | fields[1] | fields[2] | fields[3], name
        assert bits.sensor.width <= 1 << bits.x_bits
        assert bits.sensor.height <= 1 << bits.y_bits
