"""Typed values from texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from catalog.card_values import filled, plain, read_fields
from eventstore.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class Part:
    size: float | None = None
    count: int | None = None


@dataclass(frozen=True)
class Whole:
    text: str = ""
    names: tuple[str, ...] = ()
    box: tuple[int, ...] = ()
    axes: tuple[Literal["x", "y"], ...] = ()
    choice: Literal["", "yes", "no"] = ""
    table: Mapping[str, str] = field(default_factory=dict)
    part: Part = field(default_factory=Part)


def test_texts_become_what_the_field_is() -> None:
    content = {
        "text": "a",
        "names": ["b", "0"],
        "box": ["1", "2"],
        "axes": ["y"],
        "choice": True,
        "table": {"k": "010"},
        "part": {"size": "1.5", "count": "7"},
    }
    assert read_fields(Whole, content) == Whole(
        text="a",
        names=("b", "0"),
        box=(1, 2),
        axes=("y",),
        choice="yes",
        table={"k": "010"},
        part=Part(size=1.5, count=7),
    )


def test_empty_is_no_number() -> None:
    assert read_fields(Part, {"size": "", "count": None}) == Part()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"text": ["a"]}, "card field text"),
        ({"names": "a"}, "card field names is 'a'"),
        ({"names": [["a"]]}, "card field names"),
        ({"box": ["a"]}, "card field box is 'a'"),
        ({"axes": ["z"]}, "card field axes is 'z'"),
        ({"choice": "maybe"}, "card field choice"),
        ({"table": ["a"]}, "card field table"),
        ({"table": {"a": ["b"]}}, "card field table"),
        ({"part": {"size": "nan"}}, r"card field part\.size"),
        ({"part": {"size": True}}, r"card field part\.size"),
        ({"part": {"count": "1.5"}}, r"card field part\.count"),
        ({"part": "big"}, "card field part is 'big'"),
    ],
)
def test_other_values_are_named(content: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidInput, match=match) as caught:
        read_fields(Whole, content)
    assert caught.value.hint


def test_unknown_keys_have_a_neighbour() -> None:
    with pytest.raises(NotFound, match=r"no card field 'tetx'.*\n.*'text'"):
        read_fields(Whole, {"tetx": ""})
    with pytest.raises(NotFound, match=r"no field of 'part' 'sise'"):
        read_fields(Whole, {"part": {"sise": "1"}})


def test_only_what_says_something_is_written() -> None:
    assert filled(Whole()) == {}
    assert filled(Whole(box=(1,), table={"a": "b"})) == {"box": [1], "table": {"a": "b"}}
    assert plain({"a": (1,)}) == {"a": [1]}
