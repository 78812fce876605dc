"""What pieces of pcodec files begin with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.pco_head import (
    DAMAGED,
    DECODER_WORDS,
    LARGEST_LOG,
    LOWER,
    MOST,
    NEXT,
    OFFSET,
    PADDING,
    UNKNOWN,
    Decoder,
    bits,
    decoder_of,
    number,
    read_order,
    read_table,
)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return decoder_of(np.zeros(DECODER_WORDS, np.uint64), 0)


def packed(*fields: tuple[int, int]) -> np.ndarray:
    """Return numbers of so many bits each, the least significant first."""
    whole, at = 0, 0
    for value, width in fields:
        whole |= value << at
        at += width
    data = whole.to_bytes(-(-at // 8), "little")
    return np.frombuffer(data + bytes(PADDING), np.uint8)


@given(values=st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(1, 56)), max_size=9))
def test_bits_are_read_from_any_place(values: list[tuple[int, int]]) -> None:
    fields = [(value % (1 << width), width) for value, width in values]
    data, at = packed(*fields), 0
    for value, width in fields:
        assert bits(data, at, width) == value
        at += width


@given(value=st.integers(0, 2**64 - 1), at=st.integers(0, 9))
def test_numbers_are_as_wide_as_the_type(value: int, at: int) -> None:
    data = packed((0, at), (value, 64))
    assert int(number(data, at, 64)) == value
    assert int(number(data, at, 16)) == value & 0xFFFF


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        (((0, 4), (0, 4)), 0),
        (((0, 4), (1, 4), (1, 3), (0, 1)), 1),
        (((0, 4), (1, 4), (2, 3), (0, 1)), -1),  # second differences
        (((0, 4), (2, 4), (1, 3)), -1),  # looking back
        (((1, 4), (0, 4)), -1),  # multiples
    ],
)
def test_only_plain_values_and_first_differences_are_known(
    fields: tuple[tuple[int, int], ...], order: int
) -> None:
    assert read_order(packed(*fields), 0)[0] == order


def a_table(log: int, bins: list[tuple[int, int, int]]) -> np.ndarray:
    parts = [(weight - 1, log) if log else (0, 0) for weight, _, _ in bins]
    fields = [(log, 4), (len(bins), 15)]
    for (_, lower, offset_bits), part in zip(bins, parts, strict=True):
        fields += [part, (lower, 16), (offset_bits, 5)]
    return packed(*fields)


@given(
    log=st.integers(1, 10),
    order=st.integers(0, 1),
    cuts=st.sets(st.integers(1, 1023), max_size=20),
    lowers=st.lists(st.integers(0, 2**16 - 1), min_size=21, max_size=21),
)
def test_every_state_leads_to_states_and_each_bin_has_its_weight(
    decoder: Decoder, log: int, order: int, cuts: set[int], lowers: list[int]
) -> None:
    size = 1 << log
    edges = [0, *sorted(cut for cut in cuts if cut < size), size]
    weights = np.diff(edges).tolist()
    bins = [(weight, lowers[k], k % 17) for k, weight in enumerate(weights)]
    data = a_table(log, bins)
    assert read_table(data, (0, len(data) - PADDING), (16, order), decoder)[0] == log
    assert decoder.place[MOST] == max(offset_bits for _, _, offset_bits in bins)
    # Differences of 16 bits are stored with half the range added.
    values = [
        (lower ^ order << 15) << LOWER | offset_bits << OFFSET for _, lower, offset_bits in bins
    ]
    assert decoder.bins[: len(bins)].tolist() == values
    counted = dict.fromkeys(values, 0)
    reached = np.zeros(size, np.int64)
    for entry in decoder.table[:size].tolist():
        n_bits, base = entry & 63, entry >> NEXT & (1 << LARGEST_LOG) - 1
        counted[entry >> OFFSET << OFFSET] += 1
        assert base + (1 << n_bits) <= size
        reached[base : base + (1 << n_bits)] += 1
    expected = dict.fromkeys(values, 0)
    for value, weight in zip(values, weights, strict=True):  # two bins may be the same
        expected[value] += weight
    assert counted == expected
    assert (reached == len(bins)).all()  # once by each bin, whatever its weight


@pytest.mark.parametrize(
    ("log", "bins", "found"),
    [
        (2, [(1, 0, 0), (2, 5, 0)], -DAMAGED),  # too light
        (2, [(3, 0, 0), (2, 5, 0)], -DAMAGED),  # too heavy
        (15, [], -DAMAGED),
        (0, [(1, 0, 0), (1, 1, 0)], -DAMAGED),  # more bins than states
        (3, [], -DAMAGED),  # states without bins
    ],
)
def test_impossible_tables_are_damage(
    decoder: Decoder, log: int, bins: list[tuple[int, int, int]], found: int
) -> None:
    data = a_table(log, bins)
    assert read_table(data, (0, len(data) - PADDING), (16, 0), decoder)[1] == found


def test_offsets_wider_than_a_word_from_any_bit_are_left_to_the_library(decoder: Decoder) -> None:
    data = packed((0, 4), (1, 15), (5, 64), (57, 7))
    assert read_table(data, (0, 12), (64, 1), decoder)[1] == -UNKNOWN


@pytest.mark.parametrize("lower", [1 << 37, -(1 << 37) - 1, (1 << 63) - 1, -(1 << 63)])
def test_bounds_that_are_not_kept_are_left_to_the_library(decoder: Decoder, lower: int) -> None:
    # Signed numbers are stored with half the range added.
    data = packed((0, 4), (1, 15), (lower + (1 << 63), 64), (7, 7))
    assert read_table(data, (0, len(data) - PADDING), (64, 0), decoder)[1] == -UNKNOWN


@pytest.mark.parametrize("lower", [(1 << 37) - 1, -(1 << 37), -1, 0])
def test_bounds_of_all_else_are_kept(decoder: Decoder, lower: int) -> None:
    data = packed((0, 4), (1, 15), (lower + (1 << 63), 64), (7, 7))
    assert read_table(data, (0, len(data) - PADDING), (64, 0), decoder)[1] > 0
    assert decoder.table.view(np.int64)[0] >> LOWER == lower
    assert decoder.table[0] >> OFFSET & 63 == 7
