"""Windows are chosen well: what a block's values have in common takes no bits."""

import numpy as np
import pytest

from eventstore.bitpack import decode_into, encode

HEADS = 16 + 16 * 8
CHUNK = 8192
BYTES_OF_BIT = CHUNK // 8


def size(values: np.ndarray) -> int:
    """Return the bytes that are no heads, of values that come back."""
    payload = encode(values)
    out = np.empty_like(values)
    decode_into(payload, out)
    assert np.array_equal(out, values)
    return len(payload) - HEADS


def test_flags_of_one_kind_take_no_bits() -> None:
    assert size(np.ones(CHUNK, np.uint8)) == 0
    assert size(np.zeros(CHUNK, np.uint8)) == 0


def test_a_run_of_equal_gaps_takes_no_bits() -> None:
    t = np.arange(CHUNK, dtype=np.int64) * 1_000_003 - 17
    assert size(t) == 0


def within(low: int, high: int) -> np.ndarray:
    return np.random.default_rng(3).integers(low, high + 1, CHUNK).astype(np.uint16)


@pytest.mark.parametrize(("low", "high", "bits"), [(0, 0, 0), (600, 663, 6), (7, 1030, 10)])
def test_the_distance_from_zero_costs_nothing(low: int, high: int, bits: int) -> None:
    assert size(within(low, high)) == bits * BYTES_OF_BIT


def test_far_values_on_both_sides_are_exceptions() -> None:
    x = within(600, 631)
    x[::100] = 503
    x[50::100] = 758
    n_far = len(x[::100]) + len(x[50::100])
    assert size(x) == 5 * BYTES_OF_BIT + n_far * 3


def test_slow_courses_are_kept_as_differences() -> None:
    steps = np.random.default_rng(3).integers(-2, 3, CHUNK)
    x = (0x8000 + np.cumsum(steps)).astype(np.uint16)
    assert size(x) < 3 * BYTES_OF_BIT + 100


def test_a_rare_gap_does_not_widen_its_block() -> None:
    gaps = np.random.default_rng(3).integers(0, 16, CHUNK)
    gaps[1000] = 10**12
    t = np.cumsum(gaps)
    assert size(t) <= 4 * BYTES_OF_BIT + 2 * (1 + 5)


def test_a_step_back_in_time_costs_a_few_bytes() -> None:
    t = np.cumsum(np.random.default_rng(3).integers(0, 16, CHUNK))
    t[4000:] -= t[4000]
    assert size(t) <= 4 * BYTES_OF_BIT + 2 * (1 + 8)


def test_an_exception_more_than_a_byte_of_places_on_is_reached() -> None:
    x = within(0, 1)
    x[511] = 250
    assert size(x) == BYTES_OF_BIT + 3 * (1 + 1)
