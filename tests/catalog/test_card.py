"""Cards round trip through YAML and refuse what would not be found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.card import Card
from eventstore.errors import FormatError, InvalidInput, NotFound

TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20)


@given(title=TEXT, citation=TEXT, classes=st.lists(TEXT, unique=True, max_size=4).map(tuple))
def test_any_card_reads_back(title: str, citation: str, classes: tuple[str, ...]) -> None:
    card = Card(name="x", title=title, citation=citation, classes=classes)
    assert Card.from_yaml(card.to_yaml()) == card


@pytest.mark.parametrize("name", ["", "N-MNIST", "a b", "a@b", "-a", "a/b"])
def test_names_that_no_reference_could_hold_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a dataset"):
        Card(name=name)


def test_a_misspelt_field_is_named_with_its_neighbour() -> None:
    with pytest.raises(NotFound, match="did you mean 'licence'"):
        Card.from_yaml("name: x\nlicense: MIT\n")


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(InvalidInput, match="authors"):
        Card.from_yaml("name: x\nauthors: me\n")
    with pytest.raises(InvalidInput, match="title"):
        Card.from_yaml("name: x\ntitle: [a]\n")
    with pytest.raises(InvalidInput, match="needs a name"):
        Card.from_yaml("title: x\n")
    with pytest.raises(InvalidInput, match="not all different"):
        Card(name="x", classes=("a", "a"))


def test_files_that_are_no_cards_are_named() -> None:
    with pytest.raises(FormatError, match="not a mapping"):
        Card.from_yaml("- a\n", path="d.yaml")
    with pytest.raises(FormatError, match="later release"):
        Card.from_yaml("name: x\nschema_version: 9\n")
    with pytest.raises(FormatError, match="not YAML"):
        Card.from_yaml("a: [\n")


def test_numbers_in_lists_become_text() -> None:
    assert Card.from_yaml("name: x\nclasses: [0, 1]\n").classes == ("0", "1")
