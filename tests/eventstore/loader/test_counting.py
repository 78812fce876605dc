"""Frames counted in place are those of events laid end to end, and so are the errors."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Shaped

from eventstore.blocks import Block
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.loader import Loader
from eventstore.loader.counting import count_in_place, windows_of
from eventstore.testing import tiny_selection
from eventstore.transforms import Denoise, FramesByBins, FramesByCount, FramesByTime, Pipeline
from eventstore.transforms.batch import EventBatch

SENSOR = Sensor(5, 4)
PIPELINES = [
    Pipeline(FramesByTime(window_us=7)),
    Pipeline(FramesByTime(window_us=7, n_frames=3)),
    Pipeline(FramesByBins(n_bins=4)),
]


class _Other(FramesByBins):
    """Counts otherwise, perhaps."""


def some_block(seed: int, sizes: list[int]) -> Block:
    """Return samples with rows of nobody around each."""
    random = np.random.default_rng(seed)
    n = sum(sizes) + len(sizes) + 1
    events = Events.of(
        t=random.integers(0, 30, n),
        x=random.integers(0, 5, n),
        y=random.integers(0, 4, n),
        p=random.integers(0, 2, n),
    )
    stop = np.cumsum(np.array(sizes, np.int64) + 1)
    return Block(events, stop - np.array(sizes, np.int64), stop)


def both(
    pipeline: Pipeline, places: list[tuple[Block, int]], dtype: str
) -> tuple[bool, Shaped[np.ndarray, "..."], Callable[[], Shaped[np.ndarray, "..."]]]:
    """Return whether samples could be counted in place, the frames, and how else to make them."""
    t_start, t_stop = np.zeros(len(places), np.int64), np.full(len(places), 30, np.int64)
    windows = windows_of(pipeline)
    assert windows is not None
    n_frames = int(windows.lengths((t_start, t_stop)).max())
    frames = np.full((len(places), n_frames, *SENSOR.shape), 9, dtype)
    done = count_in_place(windows, (t_start, t_stop), places, frames)
    ids = tuple(f"s{i}" for i in range(len(places)))

    def laid_out() -> Shaped[np.ndarray, "..."]:
        spans = [(block.events, int(block.start[i]), int(block.stop[i])) for block, i in places]
        batch = EventBatch.of_spans(spans, t_start=t_start, t_stop=t_stop, ids=ids)
        out = np.full_like(frames, 9)
        pipeline.write(batch, SENSOR, out)
        return out

    return done, frames, laid_out


@given(
    sizes=st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4), min_size=1, max_size=3),
    seed=st.integers(0, 99),
    pipeline=st.sampled_from(PIPELINES),
    dtype=st.sampled_from(["uint8", "uint16", "float32"]),
)
def test_frames_are_those_of_events_laid_end_to_end(
    sizes: list[list[int]], seed: int, pipeline: Pipeline, dtype: str
) -> None:
    blocks = [some_block(seed + k, its) for k, its in enumerate(sizes)]
    places = [(block, i) for block in blocks for i in range(len(block.start))]
    places = [places[i] for i in np.random.default_rng(seed).permutation(len(places))]
    done, frames, laid_out = both(pipeline, places, dtype)
    assert done
    np.testing.assert_array_equal(frames, laid_out())


@pytest.mark.parametrize(
    ("t", "x", "y", "p"), [([30], [0], [0], [1]), ([0], [5], [0], [1]), ([0], [0], [4], [1])]
)
def test_an_event_that_belongs_nowhere_is_left_to_the_slower_way(
    t: list[int], x: list[int], y: list[int], p: list[int]
) -> None:
    good = some_block(0, [3])
    bad = Block(Events.of(t=t, x=x, y=y, p=p), np.array([0]), np.array([1]))
    done, _, laid_out = both(PIPELINES[0], [(good, 0), (bad, 0)], "uint8")
    assert not done
    with pytest.raises(InvalidInput, match="sample 's1'"):
        laid_out()


def test_counts_that_do_not_fit_are_left_to_the_slower_way() -> None:
    zeros = np.zeros(256, np.int64)
    block = Block(Events.of(t=zeros, x=zeros), np.array([0]), np.array([256]))
    done, _, laid_out = both(PIPELINES[0], [(block, 0)], "uint8")
    assert not done
    with pytest.raises(InvalidInput, match="uint8 cannot hold"):
        laid_out()
    assert both(PIPELINES[0], [(block, 0)], "uint16")[0]


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 4), (3, 2)])
def test_rows_outside_of_a_block_are_never_read(start: int, stop: int) -> None:
    events = Events.of(t=[0, 1, 2], x=[0, 0, 0])
    assert not both(
        PIPELINES[0], [(Block(events, np.array([start]), np.array([stop])), 0)], "uint8"
    )[0]


def test_only_windows_of_time_are_counted_in_place() -> None:
    assert all(windows_of(pipeline) for pipeline in PIPELINES)
    others = [
        Pipeline(FramesByCount(events_per_frame=5)),
        Pipeline(_Other(n_bins=4)),
        Pipeline(Denoise(filter_time_us=5), FramesByBins(n_bins=4)),
    ]
    assert not any(windows_of(pipeline) for pipeline in others)


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=9),
    st.sampled_from(PIPELINES),
)
def test_lengths_are_those_of_the_transform(
    spans: list[tuple[int, int]], pipeline: Pipeline
) -> None:
    t_start, duration = (np.array(column, np.int64) for column in zip(*spans, strict=True))
    t_stop = t_start + duration
    batch = EventBatch.of([Events.empty()] * len(spans), t_start=t_start, t_stop=t_stop)
    windows = windows_of(pipeline)
    assert windows is not None
    lengths = windows.lengths((t_start, t_stop))
    assert lengths.tolist() == pipeline.frame_counts(batch).tolist()


def test_a_loader_does_not_lay_out_what_it_counts(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> EventBatch:
        raise AssertionError

    selection = tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")
    monkeypatch.setattr("eventstore.loader.source.gather", refuse)
    loader = Loader(selection, Pipeline(FramesByBins(n_bins=4)), prefetch=0)
    assert sum(int(batch.x.sum()) for batch in loader) == selection.store.n_events
