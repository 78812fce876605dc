"""YAML to the letter."""

import pytest

from catalog.strict_yaml import parse_yaml
from eventstore.errors import FormatError


@pytest.mark.parametrize("text", ["010", "0x0A", "1e3", "12:30", "yes", "on", "null", "2020-01-01"])
def test_values_are_the_texts_that_stand_there(text: str) -> None:
    assert parse_yaml(f"a: {text}", path="x") == {"a": text}


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(
        FormatError, match=r"d\.yaml: not YAML: the key 'b' stands twice[\s\S]*line 3"
    ):
        parse_yaml("a:\n  b: 1\n  b: 2\n", path="d.yaml")


def test_a_tag_makes_nothing_but_text() -> None:
    assert parse_yaml("!!python/object/apply:os.getcwd []", path="x") == []


def test_what_is_no_yaml_is_named() -> None:
    with pytest.raises(FormatError, match=r"d\.yaml: not YAML"):
        parse_yaml("a: [", path="d.yaml")
