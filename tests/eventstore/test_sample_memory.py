"""Samples that kernels read where they lie are those that slices give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.blocks import Block
from eventstore.events import Events
from eventstore.sample_memory import NUMBERS, lay_out, sum_rows, where_of, write_spans


def events_of(n: int, seed: int) -> Events:
    rng = np.random.default_rng(seed)
    columns = (rng.integers(0, 99, n) for _ in range(3))
    return Events.of(**dict(zip("txy", columns, strict=True)), p=rng.integers(0, 2, n))


@given(
    tables=st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    ),
    data=st.data(),
)
def test_samples_of_several_tables_are_laid_end_to_end(
    tables: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    blocks = []
    for seed, rows in enumerate(tables):
        pairs = np.array([(min(pair), max(pair)) for pair in rows], np.int64)
        blocks.append(Block(events_of(40, seed), pairs[:, 0].copy(), pairs[:, 1].copy()))
    all_of_them = [(block, i) for block in blocks for i in range(len(block.start))]
    places = data.draw(st.lists(st.sampled_from(all_of_them), max_size=6))
    where, offsets = where_of(places), np.empty(len(places) + 1, np.int64)
    n = sum_rows(where, offsets)
    out = Events.blank(n)
    lay_out(where, offsets, out.arrays())
    expected = [block.events[block.start[i] : block.stop[i]] for block, i in places]
    assert out.equals(Events.concatenate(expected))
    assert offsets.tolist() == np.cumsum([0, *map(len, expected)]).tolist()


@pytest.mark.parametrize("rows", [(-1, 3), (3, 2), (0, 11), (12, 12)])
def test_rows_outside_of_the_table_are_found(rows: tuple[int, int]) -> None:
    events, spans = events_of(10, 0), np.empty((1, NUMBERS), np.int64)
    start, stop = (np.array([row], np.int64) for row in rows)

    class Told:
        spans_at = write_spans(events.arrays(), start, stop, spans)

    assert sum_rows(where_of([(Told(), 0)]), np.empty(2, np.int64)) == -1
