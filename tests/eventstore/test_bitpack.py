"""Bit packing: any values come back, another implementation reads them, and no damage is unseen."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventstore.bitpack import decode_into, encode
from eventstore.errors import InvalidInput
from eventstore.readers.open import read_events

DTYPES = (np.uint8, np.uint16, np.int64)
LIMITS = {np.uint8: (0, 1), np.uint16: (0, 2**16 - 1), np.int64: (-(2**63), 2**63 - 1)}


@st.composite
def columns(draw: st.DrawFn) -> np.ndarray:
    """Draw a column: a smooth course with steps of any size, longer than a block at times."""
    dtype = draw(st.sampled_from(DTYPES))
    low, high = LIMITS[dtype]
    n = draw(st.sampled_from([0, 1, 2, 31, 511, 512, 513, 1100]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    step = draw(st.sampled_from([0, 1, 5, 300, 70_000, 2**40]))
    values = np.cumsum(rng.integers(-step if draw(st.booleans()) else 0, step + 1, n))
    wild = draw(st.lists(st.tuples(st.integers(0, 1200), st.integers(low, high)), max_size=8))
    values = (values % (high - low + 1) if dtype != np.int64 else values).astype(dtype)
    for place, value in wild:
        values[place : place + 1] = value
    return values


def decoded(payload: bytes, n: int, dtype: type[np.generic]) -> np.ndarray:
    out = np.empty(n, dtype)
    decode_into(payload, out)
    return out


@given(columns())
@example(np.array([-(2**63), 2**63 - 1] * 300, np.int64))
@example(np.random.default_rng(0).integers(-(2**63), 2**63 - 1, 1024))
@example(np.random.default_rng(0).integers(0, 2**16, 1024).astype(np.uint16))
def test_decode_returns_what_was_encoded(values: np.ndarray) -> None:
    assert np.array_equal(decoded(encode(values), len(values), values.dtype.type), values)


def test_columns_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidInput, match="float64 values cannot be bit-packed"):
        encode(np.zeros(3))
    with pytest.raises(InvalidInput, match="int32 values cannot be bit-packed"):
        decode_into(encode(np.ones(600, np.uint16)), np.empty(600, np.int32))


def test_real_columns_take_about_a_fifth(shared_data: Path) -> None:
    events = read_events(shared_data / "recordings" / "gen3.evt2.raw")
    size = 0
    for column in events.arrays():
        payload = encode(column)
        assert np.array_equal(decoded(payload, len(column), column.dtype.type), column)
        size += len(payload)
    assert size / len(events) < 2.2
