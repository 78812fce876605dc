"""Slices of time as pictures."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.viewer.frames import FrameQuery, read_blocks, read_frames, read_raster
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events
from tests.catalog.viewer.asking import Asker

NAME = "test/cat/000"


def counted(events: Events, start: int, stop: int) -> np.ndarray:
    inside = (events.t >= start) & (events.t < stop)
    counts = np.zeros((2, 6, 8), int)
    np.add.at(counts, (events.p[inside], events.y[inside], events.x[inside]), 1)
    off, on = np.minimum(counts, 15)
    return np.asarray(16 * on + off)


@st.composite
def queries(draw: st.DrawFn) -> FrameQuery:
    return FrameQuery(
        recording=NAME,
        start_us=draw(st.integers(0, 1_200)),
        window_us=draw(st.integers(1, 700)),
        step_us=draw(st.integers(1, 400)),
        count=draw(st.integers(1, 6)),
    )


@given(query=queries(), block=st.sampled_from([7, 1 << 20]))
def test_pictures_are_those_of_the_events_in_each_slice(
    viewed: Asker, query: FrameQuery, block: int
) -> None:
    state = viewed.shown.state()
    events = state.version.store.read(NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalog.viewer.frames.BLOCK_EVENTS", block)
        found = read_frames(state, query)
    for k, pixels in enumerate(found.pixels):
        begin, window = query.start_us + k * query.step_us, query.window_us
        assert (pixels == counted(events, begin, begin + window)).all()
        assert found.n_events[k] == ((events.t >= begin) & (events.t < begin + window)).sum()


@given(start=st.integers(0, 900), length=st.integers(1, 900), bins=st.integers(1, 50))
def test_a_raster_counts_rows_of_pixels_in_time(
    viewed: Asker, start: int, length: int, bins: int
) -> None:
    state = viewed.shown.state()
    events = state.version.store.read(NAME)
    raster = read_raster(state, NAME, (start, start + length), bins)
    inside = (events.t >= start) & (events.t < start + length)
    counts = np.zeros((2, 6, bins), int)
    place = (events.t[inside] - start) * bins // length
    np.add.at(counts, (events.p[inside], events.y[inside], place), 1)
    off, on = np.minimum(counts, 15)
    assert (raster == 16 * on + off).all()


def test_too_much_for_one_answer_is_refused(viewed: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    state = viewed.shown.state()
    query = FrameQuery(recording=NAME, start_us=0, window_us=1_000, step_us=1, count=20)
    monkeypatch.setattr("catalog.viewer.frames.MAX_BYTES", 20 * 48 - 1)
    with pytest.raises(InvalidInput, match="20 pictures of 8 × 6 pixels are too large"):
        read_frames(state, query)
    monkeypatch.undo()
    monkeypatch.setattr("catalog.viewer.frames.MAX_EVENTS", 40)
    with pytest.raises(InvalidInput, match="events lie in these pictures") as caught:
        read_frames(state, query)
    assert "shorten the window" in caught.value.hint
    with pytest.raises(InvalidInput, match="50 events lie there"):
        read_raster(state, NAME, (0, 1_000), 9)
    with pytest.raises(NotFound, match="no recording"):
        read_raster(state, "../x", (0, 1_000), 9)


def test_blocks_cover_the_rows_once(viewed: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.viewer.frames.BLOCK_EVENTS", 16)
    store = viewed.shown.state().version.store
    blocks = list(read_blocks(store, 5, 90))
    assert [at for at, _ in blocks] == list(range(5, 90, 16))
    assert Events.concatenate([e for _, e in blocks]).equals(store.read_rows(5, 90))


@pytest.mark.slow
def test_a_seek_among_a_hundred_million_events_takes_a_moment(long_viewed: Asker) -> None:
    times, rng = [], np.random.default_rng(0)
    for start in rng.integers(0, 99_000_000, 9).tolist():
        asked = f"/api/frames?recording=long&start_us={start}&window_us=33000&count=1"
        begin = time.perf_counter()
        answer = long_viewed.get(asked)
        times.append(time.perf_counter() - begin)
        assert answer.status == 200
        assert len(answer.body) == 640 * 480
        assert abs(int(answer.headers["x-events"]) - 33_000) < 2
    assert min(times[1:]) < 0.2
    begin = time.perf_counter()
    rate = long_viewed.get("/api/rate?recording=long&start_us=0&stop_us=100000000&bins=400").json()
    assert time.perf_counter() - begin < 0.2
    assert not rate["exact"]
    assert sum(rate["counts"]) == pytest.approx(1e8, rel=1e-6)
    assert rate["counts"] == pytest.approx([250_000] * 400, rel=0.01)


@pytest.mark.slow
def test_pictures_come_faster_than_they_are_shown(long_viewed: Asker) -> None:
    asked = "/api/frames?recording=long&start_us=5000000&window_us=33000&step_us=16667&count=13"
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        assert long_viewed.get(asked).status == 200
        times.append(time.perf_counter() - begin)
    assert 13 / min(times) > 60
