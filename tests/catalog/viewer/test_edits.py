"""Corrections as a page sends them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.errata import Span
from catalog.viewer.edits import MAX_EDITS, parse_edits, parse_object, text_of
from eventstore.errors import InvalidInput

CAT = {"start_us": 0, "stop_us": 9, "label": "cat"}


def body(edits: object, **more: object) -> bytes:
    said = {"recording": "a", "set": "class", "reason": "seen", "edits": edits, **more}
    return json.dumps(said).encode()


def test_corrections_are_read_in_order() -> None:
    dog = {**CAT, "label": "dog"}
    edits = [{"before": CAT, "after": dog}, {"before": dog, "after": None}]
    found = parse_edits(body(edits))
    assert (found.recording, found.label_set) == ("a", "class")
    assert [patch.action for patch in found.patches] == ["relabelled", "removed"]
    assert found.patches[0].before == Span(0, 9, "cat")
    assert found.patches[0].reason == "seen"


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers(), st.lists).map(body))
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_edits(text)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ({**CAT, "stop_us": 0}, "start_us < stop_us"),
        ({**CAT, "start_us": -1}, "whole µs"),
        ({**CAT, "start_us": 0.5}, "whole µs"),
        ({**CAT, "start_us": True}, "whole µs"),
        ({**CAT, "stop_us": 2**60}, "whole µs"),
        ({**CAT, "label": " "}, "the name of a class"),
        ({**CAT, "label": "a\nb"}, "on one line"),
        ({**CAT, "label": "\ud800"}, "on one line"),
        ({**CAT, "label": "x" * 201}, "at most 200 letters"),
        ({**CAT, "label": 3}, "a text"),
        ({**CAT, "more": 3}, "an object of start_us, stop_us and label"),
        ("cat", "null, or an object"),
    ],
)
def test_each_field_says_what_it_may_be(after: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_edits(body([{"before": None, "after": after}]))


def test_depth_count_and_reason_have_bounds() -> None:
    for text in (b"[" * 90_000, b'{"a":' * 50_000, b"\xff", b"NaN"):
        with pytest.raises(InvalidInput, match="the body is not"):
            parse_edits(text)
    edit = {"before": None, "after": CAT}
    with pytest.raises(InvalidInput, match=f"a list of 1 … {MAX_EDITS}"):
        parse_edits(body([edit] * (MAX_EDITS + 1)))
    with pytest.raises(InvalidInput, match="without a reason"):
        parse_edits(body([edit], reason=" "))
    assert text_of(parse_object(b'{"a":"b"}', frozenset({"a"})), "a") == "b"
