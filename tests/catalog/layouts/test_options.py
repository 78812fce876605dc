"""Options of layouts from TOML and from text, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from catalog.layouts.options import read_options
from eventstore.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    pattern: str = ""
    names: tuple[str, ...] = ()
    folds: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strict: bool = False
    depth: int = 1


def test_values_of_toml_have_the_types_of_the_fields() -> None:
    given = {"pattern": "a,b", "names": ["x", "y"], "folds": {"0": "test"}, "strict": True,
             "rename": {"tebn": {"1": "train"}}, "depth": 3}  # fmt: skip
    rules = read_options(Rules, "mine", given)
    assert rules == Rules(
        pattern="a,b", names=("x", "y"), folds={"0": "test"}, rename={"tebn": {"1": "train"}},
        strict=True, depth=3,
    )  # fmt: skip
    assert read_options(Rules, "mine", {}) == Rules()


def test_text_of_a_command_line_stands_for_lists_and_tables() -> None:
    given = {"names": "x, y", "folds": "0=test, 1=train", "strict": "yes", "depth": "-2"}
    expected = Rules(names=("x", "y"), folds={"0": "test", "1": "train"}, strict=True, depth=-2)
    assert read_options(Rules, "mine", given) == expected


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"pattern": 3}, "a text"),
        ({"names": [1]}, "a list of texts"),
        ({"folds": {"a": 1}}, "a table of texts"),
        ({"folds": "test"}, "NAME=VALUE,NAME=VALUE"),
        ({"rename": {"a": 1}}, "a table of texts"),
        ({"rename": "a=b"}, "a table of tables"),
        ({"strict": "perhaps"}, "true or false"),
        ({"strict": 1}, "true or false"),
        ({"depth": True}, "a whole number"),
        ({"depth": "1.5"}, "a whole number"),
    ],
)
def test_values_of_other_types_are_refused(given: dict[str, object], wanted: str) -> None:
    with pytest.raises(InvalidInput, match="is no value of the option mine:") as caught:
        read_options(Rules, "mine", given)
    assert caught.value.hint == f"give {wanted}"


def test_an_option_that_is_none_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="no option of the layout 'mine': 'patern'") as caught:
        read_options(Rules, "mine", {"patern": ""})
    assert caught.value.hint == "did you mean 'pattern'?"
