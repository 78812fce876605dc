"""Provenance is one JSON object, the same text for the same facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import IntegrityError, InvalidInput
from eventstore.provenance import parse_provenance, provenance_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_it_reads_back_in_any_order(facts: dict[str, object]) -> None:
    text = provenance_text(facts)
    assert parse_provenance(text) == facts
    assert provenance_text(dict(reversed(facts.items()))) == text


def test_nothing_is_an_empty_object() -> None:
    assert provenance_text(None) == provenance_text({}) == "{}"
    assert parse_provenance("") == {}


@pytest.mark.parametrize("odd", [{"a": object()}, {"a": float("nan")}, {"a": "\ud800"}])
def test_what_json_has_not_is_refused(odd: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="provenance is not JSON") as caught:
        provenance_text(odd)
    assert caught.value.hint


@pytest.mark.parametrize(("text", "message"), [("{", "is not JSON"), ("[1]", "not a JSON object")])
def test_texts_of_other_things_are_damaged(text: str, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        parse_provenance(text)
