"""Runs of chunks decoded at once, against the codecs one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.chunk_runs import CodedRun, decode_runs
from eventstore.codecs import TIERS, ColumnCodec, Tier, decode_chunk, encode_chunk
from eventstore.pco_head import PADDING

CODINGS = [(tier, name) for tier in TIERS for name in ("t", "x", "p")]


def decode(
    codec: ColumnCodec, parts: tuple[np.ndarray, ...], out: np.ndarray, *, skip: int, chunk: int
) -> list[int]:
    assert codec.run_kind is not None
    source, begins, sizes = parts
    run = CodedRun(codec.run_kind, source, begins, sizes, out, skip)
    [left] = decode_runs([run], chunk=chunk)
    return left


def values_of(codec: ColumnCodec, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if codec.dtype == np.int64:
        return np.cumsum(rng.integers(0, 50, n)).astype(np.int64)
    top = 2 if codec.data_type == "bool" else 700
    return rng.integers(0, top, n).astype(codec.dtype)


def stored(parts: list[bytes], gap: bytes = b"") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return bytes that hold chunks with gaps between them, where each begins, and its size."""
    sizes = np.array([len(part) for part in parts], np.uint64)
    steps = sizes + np.uint64(len(gap))
    source = np.frombuffer(b"".join(part + gap for part in parts), np.uint8)
    return source, (np.cumsum(steps) - steps).astype(np.uint64), sizes


@pytest.mark.parametrize("coding", CODINGS)
@given(
    chunk=st.sampled_from([8, 13, 256, 1_000]),
    n_chunks=st.integers(1, 5),
    # Without room behind, chunks are copied.
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0, PADDING])),
    seed=st.integers(0, 1_000),
)
def test_any_part_of_a_run_is_what_the_codec_gives(
    coding: tuple[Tier, str], chunk: int, n_chunks: int, cut: tuple[float, float, int], seed: int
) -> None:
    codec = TIERS[coding[0]][coding[1]]
    values = values_of(codec, chunk * n_chunks, seed)
    parts = [encode_chunk(codec, values[i : i + chunk]) for i in range(0, len(values), chunk)]
    skip = int(cut[0] * (chunk - 1))
    left_out = int(cut[1] * (chunk - 1))
    stop = max(len(values) - left_out, skip)
    out = np.full(stop - skip, 9, codec.dtype)
    source, begins, sizes = stored(parts, b"gap")
    source = np.concatenate([source, np.full(cut[2], 255, np.uint8)])
    left = decode(codec, (source, begins, sizes), out, skip=skip, chunk=chunk)
    for j in left:
        # pcodec takes few numbers apart in ways that the kernel does not know, and leaves to it.
        assert coding in {("archive", "t"), ("archive", "x")}
        rows = slice(max(j * chunk, skip), min((j + 1) * chunk, stop))
        alone = np.empty(chunk, codec.dtype)
        decode_chunk(codec, parts[j], alone)
        first, end = rows.start - j * chunk, rows.stop - j * chunk
        out[rows.start - skip : rows.stop - skip] = alone[first:end]
    np.testing.assert_array_equal(out, values[skip:stop])


@pytest.mark.parametrize(("tier", "name"), CODINGS)
def test_damaged_and_absent_chunks_are_left_over_and_the_others_right(
    tier: Tier, name: str
) -> None:
    codec, chunk = TIERS[tier][name], 300
    values = values_of(codec, 5 * chunk, 1)
    parts = [encode_chunk(codec, values[i : i + chunk]) for i in range(0, len(values), chunk)]
    source, begins, sizes = stored(parts)
    source = source.copy()
    source[int(begins[1]) + 2] ^= 1
    begins[3] = np.uint64(2**64 - 1)
    out = np.empty(5 * chunk, codec.dtype)
    left = decode(codec, (source, begins, sizes), out, skip=0, chunk=chunk)
    assert left == [1, 3]
    for k in (0, 2, 4):
        rows = slice(k * chunk, (k + 1) * chunk)
        np.testing.assert_array_equal(out[rows], values[rows])


def test_runs_of_several_columns_are_decoded_beside_each_other() -> None:
    chunk, runs, expected = 100, [], []
    for i, (tier, name) in enumerate(CODINGS):
        codec = TIERS[tier][name]
        values = values_of(codec, (i + 1) * chunk, i)
        parts = [encode_chunk(codec, values[k : k + chunk]) for k in range(0, len(values), chunk)]
        source, begins, sizes = stored(parts)
        if i == 2:
            begins[1] = np.uint64(2**64 - 1)
        out = np.empty(len(values) - 2 * i, codec.dtype)
        assert codec.run_kind is not None
        runs.append(CodedRun(codec.run_kind, source, begins, sizes, out, skip=i))
        expected.append(values[i : len(values) - i])
    assert decode_runs(runs, chunk=chunk) == [[1] if i == 2 else [] for i in range(len(runs))]
    for i, (run, values) in enumerate(zip(runs, expected, strict=True)):
        if i != 2:
            np.testing.assert_array_equal(run.out, values)


@pytest.mark.parametrize("place", [(0, 0), (0, 4), (5, 2**64 - 3), (2**63, 2**63), (10**9, 40)])
def test_places_may_be_nonsense(place: tuple[int, int]) -> None:
    codec = TIERS["archive"]["x"]
    part = encode_chunk(codec, np.arange(8, dtype=np.uint16))
    source, begins, sizes = stored([part, part])
    begins[1], sizes[1] = (np.uint64(number) for number in place)
    out = np.empty(16, np.uint16)
    assert decode(codec, (source, begins, sizes), out, skip=0, chunk=8) == [1]
    assert out[:8].tolist() == list(range(8))


@pytest.mark.parametrize(("tier", "name"), CODINGS)
def test_chunks_of_another_length_are_left_to_the_codec(tier: Tier, name: str) -> None:
    codec = TIERS[tier][name]
    values = values_of(codec, 64, 2)
    source, begins, sizes = stored([encode_chunk(codec, values), encode_chunk(codec, values[:24])])
    out = np.empty(128, codec.dtype)
    left = decode(codec, (source, begins, sizes), out, skip=0, chunk=64)
    assert left == [1]
    again = np.empty(64, codec.dtype)
    decode_chunk(codec, source[: int(sizes[0])].tobytes(), again)
    np.testing.assert_array_equal(out[:64], again)
