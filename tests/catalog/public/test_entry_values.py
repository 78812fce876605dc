"""Values of an entry."""

from dataclasses import dataclass, field

import pytest

from catalog.public.entry_values import (
    check_keys,
    filled,
    read_official,
    read_sensor,
    read_table,
    read_tables,
    read_text,
    read_texts,
)
from eventstore.errors import InvalidInput, NotFound


@dataclass
class Facts:
    name: str = ""
    size: int | None = None
    names: tuple[str, ...] = ()
    table: dict[str, dict[str, int]] = field(default_factory=dict)


def test_what_is_unknown_is_left_out() -> None:
    assert filled(Facts()) == {}
    facts = Facts(name="a", size=0, names=("x",), table={"all": {}})
    assert filled(facts) == {"name": "a", "size": 0, "names": ["x"], "table": {"all": {}}}


def test_keys_are_checked() -> None:
    check_keys("key", {"a": 1}, ["a", "b"])
    with pytest.raises(NotFound, match="no key 'nam'"):
        check_keys("key", {"nam": 1}, ["name"])


def test_good_values_pass() -> None:
    assert read_texts("k", ["a"]) == ("a",)
    assert read_tables("k", [{"a": 1}]) == [{"a": 1}]
    assert (read_sensor(None), read_sensor([700, 1])) == (None, (700, 1))
    assert read_official({"official": {}, "small": {"train": 3}}) == {
        "official": {},
        "small": {"train": 3},
    }


@pytest.mark.parametrize("value", [1, None, ["a", 1], {"a": 1}, True])
def test_wrong_values_are_named(value: object) -> None:
    with pytest.raises(InvalidInput, match="k is"):
        read_text("k", value)
    with pytest.raises(InvalidInput, match="k is"):
        read_texts("k", value)
    with pytest.raises(InvalidInput, match="k is"):
        read_table("k", [value])
    with pytest.raises(InvalidInput, match="is"):
        read_tables("k", value)


@pytest.mark.parametrize("value", ["34x34", [34], [34, 34, 2], [True, 34], [34.0, 34], [-1, 1]])
def test_a_sensor_is_two_numbers(value: object) -> None:
    with pytest.raises(InvalidInput, match="sensor is"):
        read_sensor(value)
