"""Frames come back to the bit, whatever they hold, and never outside their places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.cache.frames import (
    FrameBlock,
    decode_frames,
    encode_frames,
    frame_lengths,
    write_frames,
)
from eventstore.cache.sealed import padded
from eventstore.errors import IntegrityError, InvalidInput

SHAPE = (2, 3, 4)
CELLS = 24

COUNT = st.one_of(st.integers(0, 3), st.integers(0, 255), st.integers(0, 1 << 24))


def kept(samples: list[np.ndarray], *, real: bool = False) -> FrameBlock:
    parts = encode_frames(samples, real=real)
    data = np.frombuffer(b"".join(part.ljust(padded(len(part)), b"\0") for part in parts), np.uint8)
    shape = samples[0].shape[1:] if samples else SHAPE
    return decode_frames(data, real=real, shape=shape, ids=tuple(map(str, range(len(samples)))))


@st.composite
def sparse_frames(draw: st.DrawFn, values: st.SearchStrategy[float]) -> np.ndarray:
    frames = np.zeros((draw(st.integers(0, 5)), *SHAPE), np.float32)
    if len(frames):
        at = st.integers(0, frames.size - 1)
        for place, value in draw(st.lists(st.tuples(at, values), max_size=30)):
            frames.reshape(-1)[place] = value
    return frames


@given(st.lists(sparse_frames(COUNT), max_size=4), st.data())
def test_counts_come_back(samples: list[np.ndarray], data: st.DataObject) -> None:
    block = kept(samples)
    order = data.draw(st.permutations(range(len(samples))))
    longest = max(map(len, samples), default=1)
    out = np.full((len(order), longest, *SHAPE), 77, np.float32)
    sources = [(block, i) for i in order]
    write_frames(sources, out)
    assert frame_lengths(sources).tolist() == [len(samples[i]) for i in order]
    for frames, i in zip(out, order, strict=True):
        assert np.array_equal(frames[: len(samples[i])], samples[i])
        assert not frames[len(samples[i]) :].any()


@given(
    st.lists(
        sparse_frames(st.one_of(st.floats(width=32), st.just(-0.0))),
        min_size=1,
        max_size=3,
    )
)
def test_real_numbers_come_back_to_the_bit(samples: list[np.ndarray]) -> None:
    block = kept(samples, real=True)
    out = np.full((len(samples), max(map(len, samples)), *SHAPE), 77, np.float32)
    write_frames([(block, i) for i in range(len(samples))], out)
    for frames, sample in zip(out, samples, strict=True):
        assert frames[: len(sample)].tobytes() == sample.tobytes()


@pytest.mark.parametrize(
    ("dtype", "top"), [(np.uint8, 255), (np.uint16, 65_535), (np.float32, 1 << 24)]
)
def test_the_largest_count_of_each_type(dtype: type, top: int) -> None:
    frames = np.zeros((3, *SHAPE), np.float32)
    frames[2, 1, 0, 3] = top
    out: np.ndarray = np.empty((1, 3, *SHAPE), dtype)
    write_frames([(kept([frames]), 0)], out)
    assert int(out[0, 2, 1, 0, 3]) == top == int(out.max())


def test_a_count_that_does_not_fit_is_named() -> None:
    frames = np.zeros((3, *SHAPE), np.float32)
    frames[2, 1, 0, 3] = 256
    with pytest.raises(
        InvalidInput, match=r"frame 2 of sample '1' counts more than 255 .* x=3"
    ) as e:
        write_frames([(kept([frames[:1], frames]), 1)], np.empty((1, 3, *SHAPE), np.uint8))
    assert "y=0, p=1, which uint8 cannot hold" in e.value.message
    assert "uint16" in e.value.hint


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.floats(0, 1))
def test_large_frames_of_any_density(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    shape = (7, 2, 40, 50)
    frames = ((rng.random(shape) < share) * rng.integers(1, 300, shape)).astype(np.float32)
    out = np.empty((1, *shape), np.uint16)
    write_frames([(kept([frames]), 0)], out)
    assert np.array_equal(out[0], frames)


def test_samples_of_several_blocks_make_a_batch() -> None:
    one, two = (np.full((n, *SHAPE), n, np.float32) for n in (1, 2))
    out = np.empty((3, 2, *SHAPE), np.uint8)
    write_frames([(kept([two]), 0), (kept([one, two]), 0), (kept([one, two]), 1)], out)
    assert out.reshape(3, -1).sum(axis=1).tolist() == [4 * CELLS, CELLS, 4 * CELLS]


def test_empty_samples_and_no_samples() -> None:
    block = kept([np.zeros((2, *SHAPE), np.float32), np.zeros((0, *SHAPE), np.float32)])
    out = np.full((2, 2, *SHAPE), 77, np.uint8)
    write_frames([(block, 0), (block, 1)], out)
    assert not out.any()
    assert block.lengths.tolist() == [2, 0]
    assert len(kept([])) == 0
    write_frames([], np.empty((0, 1, *SHAPE), np.uint8))


@pytest.mark.parametrize("value", [0.5, -1.0, float("nan"), float(1 << 25)])
def test_what_is_no_count_is_refused(value: float) -> None:
    frames = np.full((1, *SHAPE), value, np.float32)
    with pytest.raises(InvalidInput, match="said to be counts hold") as e:
        encode_frames([frames], real=False)
    assert "real=True" in e.value.hint


def test_an_array_too_short_is_refused() -> None:
    block = kept([np.ones((3, *SHAPE), np.float32)])
    with pytest.raises(InvalidInput, match="fills 3 frames, the array has 2"):
        write_frames([(block, 0)], np.empty((1, 2, *SHAPE), np.uint8))
    with pytest.raises(InvalidInput, match="not contiguous"):
        write_frames([(block, 0)], np.empty((1, 6, *SHAPE), np.uint8)[:, ::2])


def test_damage_is_never_written_outside() -> None:
    rng = np.random.default_rng(0)
    frames = (rng.random((5, *SHAPE)) < 0.3).astype(np.float32) * 300
    whole = kept([frames, frames[:2]]).data
    for _ in range(300):
        data = whole.copy()
        for at in rng.integers(0, len(data), 3):
            data[at] ^= 1 << rng.integers(0, 8)
        out = np.full((4, 5, *SHAPE), 77, np.float32)
        try:
            block = decode_frames(data, real=False, shape=SHAPE, ids=("a", "b"))
            write_frames([(block, 1), (block, 0)], out[1:3])
        except (IntegrityError, InvalidInput):
            pass
        assert (out[0] == 77).all()
        assert (out[3] == 77).all()


def test_a_table_that_points_elsewhere_is_damage() -> None:
    whole = kept([np.ones((1, *SHAPE), np.float32)]).data
    with pytest.raises(IntegrityError, match="no room for a table"):
        decode_frames(whole[:60], real=False, shape=SHAPE, ids=("a",))
    for column, value in ((2, -8), (3, 1 << 40), (4, len(whole) + 1)):
        data = whole.copy()
        data[8 * column : 8 * column + 8] = np.frombuffer(
            value.to_bytes(8, "little", signed=True), np.uint8
        )
        with pytest.raises(IntegrityError, match="outside the file"):
            decode_frames(data, real=False, shape=SHAPE, ids=("a",))
