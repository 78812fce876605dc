"""The kernel that decodes pcodec files, held to pcodec itself."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, standalone

from eventstore import pco_files
from eventstore.pco_decode import decode_two
from eventstore.pco_head import DECODER_WORDS, PADDING, UNKNOWN, WHOLE, Decoders, decoders_in


@pytest.fixture(scope="module")
def decoders() -> Decoders:
    return decoders_in(np.zeros(2 * DECODER_WORDS, np.uint64))


def padded(data: bytes) -> np.ndarray:
    # What is behind a file may be anything.
    return np.frombuffer(data + b"\xa5" * PADDING, np.uint8)


def decode(
    files: list[bytes],
    outs: list[np.ndarray],
    decoders: Decoders,
    skips: tuple[int, int] = (0, 0),
) -> list[int]:
    found = decode_two(
        (padded(files[0]), padded(files[1])),
        (len(files[0]), len(files[1])),
        (outs[0], outs[1]),
        skips,
        decoders,
    )
    return [int(code) for code in found]


def a_column(seed: int, n: int) -> np.ndarray:
    """Return values like those of a column: times, a scene, a scan, few values, or noise."""
    rng = np.random.default_rng(seed)
    kind = seed % 6
    if kind == 0:
        return np.cumsum(rng.geometric(0.1 + 0.8 * rng.random(), n)) - rng.integers(0, 1 << 50)
    if kind == 1:
        values: np.ndarray = rng.normal(300, 40, n)
    elif kind == 2:
        values = np.arange(n) // rng.integers(1, 9) + rng.integers(0, 3, n)
    elif kind == 3:
        values = rng.integers(0, 2, n) * 65_535
    elif kind == 4:
        return rng.integers(-(1 << 45), 1 << 45, n)
    else:
        values = rng.integers(0, 1 << 16, n)
    return (values.astype(np.int64) & 0xFFFF).astype(np.uint16)


@given(
    seed=st.integers(0, 10_000),
    sizes=st.tuples(st.integers(1, 9_000), st.integers(1, 9_000)),
    cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_files_of_our_writer_come_out_whole_and_in_part(
    decoders: Decoders, seed: int, sizes: tuple[int, int], cuts: tuple[float, float]
) -> None:
    one = a_column(seed, sizes[0])
    two = a_column(seed + 6, sizes[1]).astype(one.dtype)
    # All of the one, any part of the other.
    skip, stop = sorted(int(cut * sizes[1]) for cut in cuts)
    outs = [np.empty_like(one), np.empty_like(two[skip:stop])]
    files = [pco_files.encode(one), pco_files.encode(two)]
    found = decode(files, outs, decoders, (0, skip))
    for code, out, values in zip(found, outs, (one, two[skip:stop]), strict=True):
        # pcodec takes times with a common divisor apart, which is not for the kernel.
        assert code == WHOLE or (code == UNKNOWN and one.dtype == np.int64)
        if code == WHOLE:
            np.testing.assert_array_equal(out, values)


def test_times_of_real_rates_are_for_the_kernel(decoders: Decoders) -> None:
    rng = np.random.default_rng(3)
    for rate in (0.02, 0.2, 0.9):
        times = np.cumsum(rng.geometric(rate, 8_192))
        out = np.empty_like(times)
        assert decode([pco_files.encode(times), b""], [out, out[:0]], decoders)[0] == WHOLE
        np.testing.assert_array_equal(out, times)


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 3_000),
    level=st.integers(0, 12),
    delta=st.sampled_from(["none", "1", "2", "lookback", "auto"]),
    classic=st.booleans(),
)
def test_files_of_other_writers_are_right_or_left_to_the_library(
    decoders: Decoders, seed: int, n: int, level: int, delta: str, *, classic: bool
) -> None:
    values = a_column(seed, n)
    spec = {
        "none": DeltaSpec.no_op,
        "1": lambda: DeltaSpec.try_consecutive(1),
        "2": lambda: DeltaSpec.try_consecutive(2),
        "lookback": DeltaSpec.try_lookback,
        "auto": DeltaSpec.auto,
    }[delta]()
    mode = ModeSpec.classic() if classic else ModeSpec.auto()
    config = ChunkConfig(compression_level=level, delta_spec=spec, mode_spec=mode)
    out = np.empty_like(values)
    file = standalone.simple_compress(values, config)
    found, nothing = decode([file, b""], [out, out[:0]], decoders)
    assert nothing == WHOLE
    if delta in {"none", "1"} and classic and values.dtype == np.uint16:
        assert found == WHOLE
    assert found in {WHOLE, UNKNOWN}
    if found == WHOLE:
        np.testing.assert_array_equal(out, values)


@pytest.mark.parametrize("dtype", [np.uint16, np.int64])
def test_other_lengths_and_types_are_not_taken_for_the_file(
    decoders: Decoders, dtype: type[np.generic]
) -> None:
    values = np.arange(500).astype(dtype)
    file = pco_files.encode(values)
    longer = np.empty(501, dtype)
    assert decode([file, file], [longer, values.copy()], decoders) == [2, WHOLE]
    other = np.empty(500, np.int64 if dtype == np.uint16 else np.uint16)
    assert decode([file, b""], [other, other[:0]], decoders)[0] == UNKNOWN
    assert decode([file + b"\0", b""], [values.copy(), values[:0].copy()], decoders)[0] != WHOLE


@given(
    seed=st.integers(0, 10_000),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4),
    cut=st.floats(0, 1) | st.just(1.0),
)
def test_damaged_files_do_no_harm(
    decoders: Decoders,
    seed: int,
    changes: list[tuple[float, int]],
    cut: float,
) -> None:
    values = a_column(seed, 700)
    file = bytearray(pco_files.encode(values))
    for place, byte in changes:
        # Most of what matters stands at the beginning.
        file[int(place**2 * (len(file) - 1))] = byte
    file = file[: int(cut * len(file))]
    guard = np.full(len(values) + 64, 7, values.dtype)
    whole = pco_files.encode(values)
    again = np.empty_like(values)
    found = decode([bytes(file), whole], [guard[32:-32], again], decoders)
    assume(found[1] == WHOLE)  # pcodec takes few columns apart in ways that the kernel leaves to it
    np.testing.assert_array_equal(again, values)
    assert (guard[:32] == 7).all()
    assert (guard[-32:] == 7).all()
    if found[0] == WHOLE:
        try:
            theirs, _ = np.asarray(standalone.simple_decompress(bytes(file))), None
        except RuntimeError:
            return  # the library is stricter about bits that mean nothing
        np.testing.assert_array_equal(guard[32:-32], theirs[: len(values)])


@pytest.mark.parametrize("step", [1, 3, -7])
def test_times_beyond_what_a_double_holds_are_exact(decoders: Decoders, step: int) -> None:
    values = (2**62 + np.arange(3_000) * step + np.arange(3_000) ** 2 % 5).astype(np.int64)
    file = standalone.simple_compress(
        values,
        ChunkConfig(delta_spec=DeltaSpec.try_consecutive(1), mode_spec=ModeSpec.classic()),
    )
    out = np.empty_like(values)
    assert decode([file, b""], [out, out[:0]], decoders)[0] == WHOLE
    np.testing.assert_array_equal(out, values)
