"""Card fields: what was filled in, emptied, or says otherwise."""

import pytest

from catalog.card import Card
from catalog.diff.bump import Bump
from catalog.diff.change import How
from catalog.diff.fields import card_changes
from eventstore.errors import FormatError


def test_fields_filled_in_and_emptied() -> None:
    before = Card(name="a", title="Old", homepage="x").to_yaml()
    after = Card(name="a", licence="CC0-1.0", title="New", authors=("Ann",)).to_yaml()
    found = {c.name: (c.how, c.before, c.after, c.bump) for c in card_changes(before, after)}
    assert found == {
        "title": (How.CHANGED, "Old", "New", Bump.PATCH),
        "homepage": (How.REMOVED, "x", "", Bump.PATCH),
        "licence": (How.CHANGED, "unknown", "CC0-1.0", Bump.PATCH),
        "authors": (How.ADDED, "", '["Ann"]', Bump.PATCH),
    }


def test_another_name_is_a_major_change() -> None:
    [change] = card_changes("name: a\n", "name: b\n")
    assert change.bump is Bump.MAJOR


def test_the_order_of_fields_is_none() -> None:
    assert list(card_changes("name: a\nx: 1\n", "x: 1\nname: a\n")) == []


@pytest.mark.parametrize("text", ["- a\n", "a: [\n"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"dataset\.yaml"):
        list(card_changes("name: a\n", text))


def test_a_bias_spelt_otherwise_is_another() -> None:
    [change] = card_changes("name: a\nb: {x: 0x0A}\n", "name: a\nb: {x: 10}\n")
    assert (change.name, change.before, change.after) == ("b.x", "0x0A", "10")
