from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.transforms import ArrayTransform, EventBatch, Spec
from eventstore.transforms.protocol import Frames
from eventstore.transforms.windows import (
    OFF_SENSOR,
    OFF_WINDOW,
    Edges,
    WindowFrames,
    bounded_frames,
    check_windows,
    count_windows,
    seek,
    stopped_at,
    time_span,
    window_edges,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    window_us: int | None = None
    n_frames: int | None = None

    def __post_init__(self) -> None:
        check_windows(self)


def batch_of(t_start: int, duration: int) -> EventBatch:
    return EventBatch.of([Events.empty()], t_start=[t_start], t_stop=[t_start + duration])


@given(st.integers(0, 1 << 61), st.integers(0, 1 << 61), st.integers(1, 1 << 61))
def test_windows_of_a_length_tile_the_sample(t_start: int, duration: int, window: int) -> None:
    batch = batch_of(t_start, duration)
    edges = window_edges(batch, window, 3)[0].tolist()
    expected = [t_start + min(k * window, duration) for k in range(4)]
    assert edges == [*expected, t_start + duration]
    assert count_windows(batch, window, 3)[0] == min(3, -(-duration // window))


@given(st.integers(0, 1 << 61), st.integers(0, 1 << 61), st.integers(1, 50))
def test_windows_of_a_number_divide_the_sample(t_start: int, duration: int, n: int) -> None:
    batch = batch_of(t_start, duration)
    edges = window_edges(batch, None, n)[0].tolist()
    assert edges[:-1] == [t_start + -(-k * duration // n) for k in range(n + 1)]
    assert edges[-1] == t_start + duration
    assert count_windows(batch, None, n).tolist() == [n]


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
    st.integers(1, 12),
    st.integers(0, 3),
)
def test_seek_finds_the_window_from_any_other(t: list[int], window: int, n: int) -> None:
    edges = window_edges(batch_of(5, 20), window, n)
    k = 0
    for each in t:
        k = seek(edges, 0, each, max(k, 0))
        inside = 5 <= each < 25
        assert k == (min((each - 5) // window, n) if inside else -1)


def test_neither_length_nor_number_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="Cut has neither n_frames nor window_us"):
        Cut()


@pytest.mark.parametrize("wrong", [{"window_us": 0}, {"n_frames": 0}, {"n_frames": 1 << 21}])
def test_lengths_and_numbers_are_positive_and_bounded(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="out of range"):
        Cut(**wrong)


def test_numpy_integers_become_plain() -> None:
    cut = Cut(window_us=np.int64(5), n_frames=np.uint8(3))  # type: ignore[arg-type]
    assert type(cut.window_us) is type(cut.n_frames) is int


def test_too_many_frames_name_the_sample() -> None:
    batch = batch_of(0, 10)
    with pytest.raises(InvalidInput, match="sample '0' would take 1048577 frames"):
        bounded_frames(np.array([(1 << 20) + 1], np.int64), None, batch)
    assert bounded_frames(np.array([-1, 7], np.int64), 5, batch).tolist() == [0, 5]


def test_errors_name_the_event() -> None:
    events = Events.of(t=[1, 12], x=[0, 9])
    batch = EventBatch.of([events[:1], events[1:]], t_start=[0, 0], t_stop=[10, 10], ids=["a", "b"])
    message = r"event 0 of sample 'b' at 12 µs lies outside its window 0 … 10 µs"
    assert str(stopped_at(OFF_WINDOW, 1, batch, Sensor(9, 1))).startswith(message)
    assert "off the sensor of 9×1" in str(stopped_at(OFF_SENSOR, 1, batch, Sensor(9, 1)))


@given(st.lists(st.integers(-(1 << 62), 1 << 62), min_size=1))
def test_a_span_is_from_the_first_time_to_the_last_in_any_order(t: list[int]) -> None:
    assert time_span(np.array([7, *t, 9], np.int64), 1, len(t) + 1) == (min(t), max(t))


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks(WindowFrames):
    """Mark the first pixel of each frame: what it takes to write a series of frames."""

    stops: tuple[int, int] = (0, 0)
    window_us: int | None = None
    n_frames: int | None = None

    def out_spec(self, spec: Spec) -> Spec:
        return Spec("array", spec.sensor, (self.n_frames, *spec.sensor.shape), real=True)

    def fill(self, batch: EventBatch, edges: Edges, out: Frames) -> tuple[int, int]:
        out[:, :, 0, 0, 0] = edges[:, 1:-1]
        return self.stops


def test_a_series_of_frames_is_written_with_its_spec_and_what_fills_it() -> None:
    sensor = Sensor(3, 2)
    events = Events.of(t=[5, 8], x=[1, 2], y=[0, 1])
    batch = EventBatch.of([events], t_start=[5], t_stop=[15], ids=["a"])
    marks = Marks(window_us=4)
    assert isinstance(marks, ArrayTransform)
    assert marks.frame_counts(batch).tolist() == [3]
    out = np.zeros((1, 3, 2, 2, 3), np.float32)
    marks.write(batch, sensor, out)
    assert out[0, :, 0, 0, 0].tolist() == [9, 13, 15]
    with pytest.raises(InvalidInput, match="real numbers, which uint8 cannot hold"):
        marks.write(batch, sensor, np.zeros(out.shape, np.uint8))
    with pytest.raises(InvalidInput, match=r"event 1 of sample 'a' .* lies at x=2, y=1, off the"):
        Marks(n_frames=3, stops=(OFF_SENSOR, 1)).write(batch, sensor, out)
    with pytest.raises(InvalidInput, match="event 0 of sample 'a' at 5 µs lies outside its window"):
        Marks(n_frames=3, stops=(OFF_WINDOW, 0)).write(batch, sensor, out)
