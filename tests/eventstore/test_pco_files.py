"""Files of several pieces are pcodec files to every pcodec, and damage never leads astray."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numcodecs.pcodec import PCodec
from pcodec import ChunkConfig, standalone

from eventstore.errors import IntegrityError
from eventstore.pco_files import LEVEL, decode_into, decode_start_into, encode
from eventstore.pco_plan import plan_pieces


@st.composite
def scenes(draw: st.DrawFn) -> np.ndarray:
    """Draw a chunk of coordinates of up to four stretches that look nothing alike."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([600, 2048, 4096, 8192, 8191, 10_000]))
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        low, spread = draw(st.integers(0, 1200)), draw(st.sampled_from([1, 4, 60, 2000]))
        values = rng.integers(low, low + spread, n // 4)
        parts.append(np.cumsum(values) % 1280 if draw(st.booleans()) else values)
    return np.resize(np.concatenate(parts), n).astype(np.uint16)


@settings(max_examples=30)
@given(scenes())
def test_every_pcodec_reads_the_pieces(values: np.ndarray) -> None:
    payload = encode(values)
    out = np.empty_like(values)
    decode_into(payload, out)
    assert np.array_equal(out, values)
    assert np.array_equal(np.asarray(PCodec().decode(payload)), values)
    assert np.array_equal(np.asarray(standalone.simple_decompress(payload)), values)
    for n in (1, 255, 256, 2047, 2049, len(values) // 2, len(values) - 1, len(values)):
        start = np.empty(min(n, len(values)), values.dtype)
        decode_start_into(payload, start)
        assert np.array_equal(start, values[:n])


def test_a_start_is_no_longer_than_the_file() -> None:
    payload = encode(np.arange(9))
    with pytest.raises(IntegrityError, match="decodes to 9 values, expected 10"):
        decode_start_into(payload, np.empty(10, np.int64))
    with pytest.raises(IntegrityError, match="more than the 8 values expected"):
        decode_into(payload, np.empty(8, np.int64))


@pytest.mark.parametrize("n", [1, 2, 255, 2048, 70_000])
def test_one_piece_is_just_what_pcodec_writes(n: int) -> None:
    values = (np.arange(n) * 40503 % 97).astype(np.uint16)
    assert len(plan_pieces(values)) == 1
    assert encode(values) == standalone.simple_compress(
        values, ChunkConfig(compression_level=LEVEL)
    )


def test_a_moving_scene_is_smaller_than_pcodec_makes_it() -> None:
    rng = np.random.default_rng(5)
    x = np.repeat(np.arange(8) * 150, 1024) + rng.integers(0, 40, 8192)
    plain = standalone.simple_compress(x.astype(np.uint16), ChunkConfig(compression_level=LEVEL))
    assert len(encode(x.astype(np.uint16))) < 0.9 * len(plain)


@pytest.mark.parametrize("dtype", [np.int64, np.int16, np.uint16, np.float32])
@pytest.mark.parametrize("n", [0, 1, 5])
def test_short_and_empty_chunks_round_trip(dtype: type[np.generic], n: int) -> None:
    values = np.arange(n).astype(dtype)
    out = np.empty_like(values)
    decode_into(encode(values), out)
    assert np.array_equal(out, values)


@given(scenes(), st.data())
def test_damage_is_refused_or_harmless(values: np.ndarray, data: st.DataObject) -> None:
    damaged = bytearray(encode(values))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    out = np.empty_like(values)
    try:
        decode_into(bytes(damaged), out)
    except IntegrityError as error:
        assert "chunk" in error.message  # noqa: PT017  # it may also decode to other values


@pytest.mark.parametrize("n", [9, 11])
def test_another_length_is_refused(n: int) -> None:
    with pytest.raises(IntegrityError, match="chunk"):
        decode_into(encode(np.arange(10)), np.empty(n, np.int64))
