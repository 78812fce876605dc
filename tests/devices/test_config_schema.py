"""Checks of fields: every wrong one is found, told with its place, what should be and what is."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.config_schema import Field, Group, Rows, check_fields

WHOLE = Field(kind="whole", meaning="a", source="b", low=0, high=7)
SCHEMA = Group(
    members={
        "name": Field(kind="text", meaning="a", source="b"),
        "pool": Field(kind="whole", meaning="a", source="b", choices=(1, 2, 4)),
        "scale": Field(kind="number", meaning="a", source="b", low=0),
        "cores": Rows(
            count=2,
            item=Group(
                members={
                    "on": Field(kind="flag", meaning="a", source="b"),
                    "pad": WHOLE,
                    "weights": Field(
                        kind="integers", meaning="a", source="b", low=-8, high=7, axes="f × x"
                    ),
                    "kill": Field(kind="flags", meaning="a", source="b", axes="f"),
                },
                together=frozenset({"pad", "weights", "kill"}),
            ),
        ),
    }
)
GOOD: dict[str, Any] = {
    "name": "n",
    "pool": 2,
    "scale": 0.5,
    "cores": [{"on": True, "pad": 7, "weights": [[1, -8], [7, 0]], "kill": [True]}, {"on": False}],
}


def test_a_good_configuration_has_no_findings() -> None:
    assert list(check_fields(GOOD, SCHEMA)) == []


@pytest.mark.parametrize(
    ("path", "value", "where", "message"),
    [
        (("name",), 3, "name", "expected a text, found 3"),
        (("pool",), 3, "pool", "expected a whole number: 1, 2, 4, found 3"),
        (("pool",), True, "pool", "expected a whole number: 1, 2, 4, found true"),
        (("scale",), -1.5, "scale", "expected a number: ≥ 0, found -1.5"),
        (("cores",), [GOOD["cores"][0]], "cores", "expected 2 entries, found 1"),
        (("cores",), "ab", "cores", 'expected a list […], found "ab"'),
        (("cores", 1), 4, "cores[1]", "expected an object {…}, found 4"),
        (("cores", 1, "on"), 1, "cores[1].on", "expected true or false, found 1"),
        (("cores", 0, "pad"), 1.0, "cores[0].pad", "expected a whole number: 0 … 7, found 1.0"),
        (
            ("cores", 0, "weights", 1),
            [8, -9],
            "cores[0].weights[1][0]",
            "expected whole numbers, f × x: -8 … 7, found 8 (and 1 more)",
        ),
        (
            ("cores", 0, "weights", 0, 1),
            True,
            "cores[0].weights[0][1]",
            "expected whole numbers, f × x: -8 … 7, found true",
        ),
        (("cores", 0, "weights", 0), [1], "cores[0].weights", "its rows differ in length"),
        (("cores", 0, "weights"), [1], "cores[0].weights", "found a list of 1"),
        (("cores", 0, "kill"), [0], "cores[0].kill[0]", "expected true or false, f, found 0"),
    ],
)
def test_a_wrong_field_is_told_with_its_path(
    path: tuple[str | int, ...], value: object, where: str, message: str
) -> None:
    config = copy.deepcopy(GOOD)
    at: Any = config
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    (finding,) = check_fields(config, SCHEMA)
    assert finding.where == where
    assert message in finding.message
    assert finding.is_error
    assert finding.fix


def test_missing_and_unknown_fields_are_told_all_at_once() -> None:
    config = copy.deepcopy(GOOD)
    del config["name"], config["cores"][0]["pad"]
    config["poool"] = 1
    found = {f.where: (f.message, f.fix) for f in check_fields(config, SCHEMA)}
    assert sorted(found) == ["cores[0].pad", "name", "poool"]
    assert found["name"][0] == "expected a text, found nothing"
    assert found["poool"][1] == "did you mean 'pool'?"


@given(rows=st.integers(1, 4), columns=st.integers(1, 4), data=st.data())
def test_the_place_of_a_wrong_weight_is_exact(rows: int, columns: int, data: st.DataObject) -> None:
    config = copy.deepcopy(GOOD)
    weights = [[0] * columns for _ in range(rows)]
    y, x = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    weights[y][x] = 99
    config["cores"][0]["weights"] = weights
    (finding,) = check_fields(config, SCHEMA)
    assert finding.where == f"cores[0].weights[{y}][{x}]"
