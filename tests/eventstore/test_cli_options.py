"""Values behind the text of shared options."""

import pytest

from eventstore.cli_options import parse_sensor
from eventstore.errors import InvalidInput
from eventstore.events import Sensor


def test_geometries_are_two_numbers_and_channels_one() -> None:
    assert parse_sensor("1280X720") == Sensor(1280, 720)
    assert parse_sensor("34×34") == Sensor(34, 34)
    assert parse_sensor("64") == Sensor.audio(64)
    assert parse_sensor(None) is None


@pytest.mark.parametrize("text", ["", "346x", "x2", "axb", "3.5x2", "-3", "3x4x5"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is neither WIDTHxHEIGHT nor a number of channels"):
        parse_sensor(text)


@pytest.mark.parametrize("text", ["0x3", "70000x3", "0"])
def test_sizes_out_of_range_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is outside 1"):
        parse_sensor(text)
