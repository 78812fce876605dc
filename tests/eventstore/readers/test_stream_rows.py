"""Rows of streams: in order, back and forth, damaged and too short."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.readers.stream_rows import InflateStream, StreamRows

DATA = np.arange(300, dtype="<u2").reshape(100, 3)


def rows_of(packed: bytes, *, start: int = 0) -> StreamRows:
    return StreamRows(
        name="some.mat:x",
        open=lambda: InflateStream(memoryview(packed)),
        start=start,
        dtype=np.dtype("<u2"),
        shape=(100, 3),
    )


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=8))
def test_any_slices_in_any_order(slices: list[tuple[int, int]]) -> None:
    rows = rows_of(zlib.compress(b"head" + DATA.tobytes()), start=4)
    for start, size in slices:
        stop = min(start + size, 100)
        assert np.array_equal(rows[start:stop], DATA[start:stop])


def test_bytes_that_are_damaged_or_too_few() -> None:
    packed = bytearray(zlib.compress(DATA.tobytes()))
    with pytest.raises(FormatError, match=r"some\.mat:x: damaged \(it ends \d+ bytes too early"):
        rows_of(zlib.compress(b"few"))[0:9]
    with pytest.raises(FormatError, match="too early"):
        rows_of(bytes(packed[:-20]))[0:100]
    packed[40] ^= 0xFF
    with pytest.raises(FormatError, match="damaged") as e:
        rows_of(bytes(packed))[0:100]
    assert "fetch it again" in e.value.hint

    def refuse() -> io.BytesIO:
        message = "no such method"
        raise NotImplementedError(message)

    with pytest.raises(FormatError, match="no such method"):
        StreamRows(name="a", open=refuse, dtype=np.dtype("u1"), shape=(3,))[0:1]


def test_a_stream_unpacks_no_more_than_is_asked_for() -> None:
    stream = InflateStream(memoryview(zlib.compress(bytes(1 << 24))))
    assert len(stream.read(1000)) == 1000
    assert stream.readable()
    assert not stream.seekable()
    with pytest.raises(ValueError, match="a size is needed"):
        stream.read()
    assert InflateStream(memoryview(zlib.compress(b"ab"))).read(9) == b"ab"
