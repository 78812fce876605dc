"""Columns that grow: every value once, in order, across the change from malloc to pages."""

import mmap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import growing
from eventstore.growing import GrowingColumn


@given(
    sizes=st.lists(st.integers(0, 700), max_size=8),
    large=st.sampled_from([1, 1 << 10, 1 << 22]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.int64]),
)
def test_pieces_come_out_end_to_end(sizes: list[int], large: int, dtype: type[np.generic]) -> None:
    rng = np.random.default_rng(len(sizes))
    pieces = [rng.integers(0, 200, n).astype(dtype) for n in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "LARGE_BYTES", large)
        column = GrowingColumn(np.dtype(dtype))
        for piece in pieces:
            column.append(piece)
        whole = column.finish()
    assert whole.dtype == dtype
    assert whole.flags.writeable
    np.testing.assert_array_equal(whole, np.concatenate([np.empty(0, dtype), *pieces]))


def test_a_large_column_lies_in_pages_of_its_own_and_no_more() -> None:
    column = GrowingColumn(np.dtype(np.int64))
    n = 3 * growing.LARGE_BYTES // 8 + 5
    for start in range(0, n, 100_000):
        column.append(np.arange(start, min(start + 100_000, n)))
    whole = column.finish()
    np.testing.assert_array_equal(whole, np.arange(n))
    pages: object = whole.base
    assert isinstance(pages, memoryview)
    assert isinstance(pages.obj, mmap.mmap)
    assert pages.nbytes == n * 8


def test_systems_that_cannot_move_pages_copy_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed(mmap.mmap):
        def resize(self, _newsize: int) -> None:
            message = "mmap: resizing not available--no mremap()"
            raise SystemError(message)

    monkeypatch.setattr("eventstore.growing.mmap.mmap", Fixed)
    monkeypatch.setattr(growing, "LARGE_BYTES", 64)
    column = GrowingColumn(np.dtype(np.uint16))
    for start in range(0, 5_000, 50):
        column.append(np.arange(start, start + 50, dtype=np.uint16))
    np.testing.assert_array_equal(column.finish(), np.arange(5_000, dtype=np.uint16))
