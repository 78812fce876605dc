"""Options of readers: named as text, refused with what is allowed."""

from dataclasses import dataclass
from typing import Literal

import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Sensor
from eventstore.readers.options import named_reader, option, options_of, with_options
from eventstore.readers.protocol import ByteSource, OneRecording, Recording
from eventstore.readers.text import TextReader


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tunable(OneRecording):
    """A reader with an option of every type."""

    tick_us: float = option(1.0, "length of a tick in µs")
    channels: int | None = option(None, "number of channels")
    swapped: bool = option(False, "OFF is 1")
    unit: Literal["s", "us"] = option("us", "unit of the stamps")
    topic: str = option("", "topic of the events")
    name: str = "tunable"
    suffixes: tuple[str, ...] = (".tunable",)

    def sniff(self, source: ByteSource) -> bool:
        return source.suffix in self.suffixes

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        raise AssertionError


def test_values_take_the_type_of_their_field() -> None:
    values = {"tick_us": "0.2", "channels": "64", "swapped": "yes", "unit": "s", "topic": "/a"}
    got = with_options(_Tunable(), values)
    wanted = _Tunable(tick_us=0.2, channels=64, swapped=True, unit="s", topic="/a")
    assert got == wanted


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("tick_us", "fast", "a number"),
        ("channels", "1.5", "a whole number"),
        ("swapped", "maybe", "'true' or 'yes'"),
        ("unit", "ms", "'s' or 'us'"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(name: str, text: str, allowed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        with_options(_Tunable(), {name: text})
    assert text in refused.value.message
    assert allowed in refused.value.hint


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'tick_us'"):
        with_options(_Tunable(), {"ticks_us": "1"})


def test_only_marked_fields_are_options() -> None:
    assert set(options_of(_Tunable())) == {"tick_us", "channels", "swapped", "unit", "topic"}
    assert options_of(_Tunable())["tick_us"] == "length of a tick in µs"
    with pytest.raises(NotFound, match="no option of the reader 'tunable': 'name'"):
        with_options(_Tunable(), {"name": "other"})


def test_readers_are_named_with_or_without_options() -> None:
    assert named_reader("text") == TextReader()
    assert named_reader("text:unit=us") == TextReader(unit="us")
    with pytest.raises(InvalidInput, match="is not OPTION=VALUE"):
        named_reader("text:us")
    with pytest.raises(NotFound, match="no reader 'texte'"):
        named_reader("texte:unit=us")
