"""Columns that every dataset understands."""

import pytest

from catalog.curator_columns import SCENE_COLUMNS, SENSOR_COLUMNS, check_values
from catalog.dataset import Dataset
from eventstore.errors import InvalidInput


@pytest.mark.parametrize("column", [*SCENE_COLUMNS, *SENSOR_COLUMNS])
def test_each_is_a_field_of_the_card(column: str) -> None:
    check_values(column, [""])
    if column not in {"environment", "content"}:
        check_values(column, ["5"])


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("lux", "bright", "a number, without a unit"),
        ("distance_m", "-1", "from 0 up"),
        ("environment", "inside", "'indoor', 'outdoor'"),
        ("subject_id", "Ada Lovelace", "keep names out"),
        ("subject_id", "ada@example.org", "keep names out"),
        ("subject", "Ada Lovelace", "keep names out"),
    ],
)
def test_values_that_cannot_be_are_refused(column: str, value: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=value) as caught:
        check_values(column, ["", value])
    assert hint in caught.value.hint


def test_they_are_refused_where_they_are_set(animals: Dataset) -> None:
    animals.set_column("subject_id", {"test/cat/000": "s07"})
    with pytest.raises(InvalidInput, match="column lux is 'dim'"):
        animals.set_column("lux", {"test/cat/000": "dim"})


def test_any_other_column_takes_anything() -> None:
    check_values("mood", ["grumpy, as ever"])
