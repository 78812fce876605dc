"""An edit says what it does, and refuses to be anything else."""

import pytest

from catalog.curation.edits.edit import Edit, Kind
from eventstore.errors import InvalidInput


def make(kind: Kind, **given: object) -> Edit:
    parameters = dict(given)
    reason = str(parameters.pop("reason", "why"))
    return Edit(kind=kind, recording_id="a", digest="ab", reason=reason, parameters=parameters)


def test_each_kind_says_what_it_does() -> None:
    assert make(Kind.TRIM, from_us=3, to_us=9).said == "keeps 3-9 µs"
    many = [[x, 1] for x in range(7)]
    said = make(Kind.MASK, pixels=many).said
    assert said == "leaves out pixels 0,1 1,1 2,1 3,1 4,1 and 2 more"
    relabel = make(Kind.RELABEL, set="class", from_us=0, to_us=9, was="cat", label="dog")
    assert relabel.said == "0-9 µs: 'cat' → 'dog' (class)"
    assert make(Kind.DROP).said == "leaves it out"
    assert make(Kind.NOTE, from_us=1, to_us=2).said == "about 1-2 µs"
    assert make(Kind.NOTE).said == "about it"


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        (Kind.TRIM, {"from_us": 3}, "parameters from_us, expected from_us, to_us"),
        (Kind.TRIM, {"from_us": 9, "to_us": 3}, "9 … 3 µs is no interval"),
        (Kind.TRIM, {"from_us": -1, "to_us": 3}, "-1 … 3 µs is no interval"),
        (Kind.TRIM, {"from_us": "1", "to_us": 3}, "1 … 3 µs is no interval"),
        (Kind.TRIM, {"from_us": 3, "to_us": 3}, "no length; to leave the recording out, drop it"),
        (Kind.MASK, {"pixels": []}, r"\[\] are no pixels"),
        (Kind.MASK, {"pixels": [[1, -1]]}, "are no pixels, pairs of column and row"),
        (Kind.MASK, {"pixels": "all"}, "'all' are no pixels"),
        (Kind.DROP, {"from_us": 1, "to_us": 2}, "expected none"),
    ],
)
def test_other_parameters_are_refused(kind: Kind, parameters: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        make(kind, **parameters)


def test_a_reason_is_asked_for() -> None:
    with pytest.raises(InvalidInput, match="without a reason") as caught:
        make(Kind.DROP, reason=" ")
    assert "--reason" in caught.value.hint


def test_the_same_is_the_same_whatever_the_reason_but_for_notes() -> None:
    assert make(Kind.DROP).same_as(make(Kind.DROP, reason="other"))
    assert not make(Kind.NOTE).same_as(make(Kind.NOTE, reason="other"))
    assert not make(Kind.TRIM, from_us=0, to_us=9).same_as(make(Kind.TRIM, from_us=0, to_us=8))
