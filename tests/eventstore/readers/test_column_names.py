"""Names of columns in other tools, and orders of tables told by their values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.readers.column_names import ORDERS, check_order, find_columns, guess_order


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("txyp", {"t": "t", "x": "x", "y": "y", "p": "p"}),
        (["ts", "x", "y", "pol"], {"t": "ts", "x": "x", "y": "y", "p": "pol"}),
        (["X", "Y", "Timestamp", "On"], {"t": "Timestamp", "x": "X", "y": "Y", "p": "On"}),
        (["times", "units"], {"t": "times", "c": "units"}),
        (["t", "times", "x", "y", "p", "c"], {"t": "t", "x": "x", "y": "y", "p": "p"}),
        (["t", "x", "y"], {}),
        (["t", "x", "y", "id"], {}),
        ([], {}),
    ],
)
def test_names(names: list[str], expected: dict[str, str]) -> None:
    assert find_columns(names) == expected


def test_orders_name_each_column_once() -> None:
    assert [check_order(order) for order in ("", "tc", "ct", *ORDERS)] == ["", "tc", "ct", *ORDERS]
    for order in ("txy", "txyy", "xyc", "t,x,y,p"):
        with pytest.raises(InvalidInput, match="is no order") as e:
            check_order(order)
        assert "columns=xypt" in e.value.hint


@given(st.sampled_from(ORDERS), st.integers(0, 99), st.booleans(), st.sampled_from(["i4", "f4"]))
def test_values_tell_the_order(order: str, seed: int, signed: bool, dtype: str) -> None:
    rng = np.random.default_rng(seed)
    n = 200
    columns = {
        "t": np.sort(rng.integers(0, 10**6, n)),
        "x": rng.integers(0, 346, n),
        "y": rng.integers(0, 260, n),
        "p": rng.integers(0, 2, n) * (2 if signed else 1) - signed,
    }
    columns["t"][50:52] = columns["t"][52], columns["t"][50]  # a small step back
    assert guess_order(np.stack([columns[c] for c in order], 1).astype(dtype)) == order


def test_values_that_fit_several_orders_or_none_tell_nothing() -> None:
    assert guess_order(np.zeros((9, 4))) == ""
    assert guess_order(np.array([[5, 5, 5, 5]])) == ""
    assert guess_order(np.arange(400).reshape(100, 4)) == ""
    assert guess_order(np.zeros((0, 4))) == "txyp"
