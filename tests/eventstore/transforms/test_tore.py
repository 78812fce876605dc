import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, Tore

SENSOR = Sensor(4, 3)


class TestTore(TransformContract):
    transform = Tore(k=2, n_frames=3)


class TestToreByTime(TransformContract):
    transform = Tore(window_us=999)


class TestToreOfAudio(TransformContract):
    transform = Tore(window_us=999, n_frames=4)
    sensor = Sensor.audio(9)


def written(stage: Tore, events: Events, stop: int, t_start: int = 0) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[t_start] * 3, t_stop=[t_start + stop] * 3)
    n_frames = int(stage.frame_counts(batch)[0])
    out = np.full((3, n_frames, 2 * stage.k, 3, 4), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    frames: np.ndarray = out[0]
    return frames


@given(
    events(SENSOR),
    st.integers(0, 1 << 60),
    st.integers(1, 5),
    st.integers(1, 6),
    st.tuples(st.integers(0, 500), st.integers(1, 200_000)),
)
def test_follows_the_formula(
    events: Events, t_start: int, n_frames: int, k: int, scale: tuple[int, int]
) -> None:
    least, span = scale
    stage = Tore(k=k, tau_min_us=least, tau_max_us=least + span, n_frames=n_frames)
    stop = int(events.t.max(initial=0)) + 1
    out = written(stage, events.shifted(t_start), stop, t_start)
    expected = np.zeros_like(out, np.float64)
    for frame in range(n_frames):
        end = -(-(frame + 1) * stop // n_frames)
        fifo: dict[tuple[int, int, int], list[int]] = {}
        for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
            if t < end:
                fifo.setdefault((p, y, x), []).insert(0, end - t)
        for (p, y, x), ages in fifo.items():
            for j, age in enumerate(ages[:k]):
                clipped = min(max(age, least), least + span)
                share = math.log((clipped + 1) / (least + 1)) / math.log(
                    (least + span + 1) / (least + 1)
                )
                expected[frame, p * k + j, y, x] = 1 - share
    assert np.allclose(out, expected, rtol=1e-5, atol=1e-6)


def test_planes_go_from_the_last_event_back_a_polarity_at_a_time() -> None:
    events = Events.of(t=[0, 100, 900, 999], x=[1, 1, 1, 1], p=[1, 1, 1, 0])
    out = written(Tore(k=2, tau_min_us=1, tau_max_us=10_000, n_frames=1), events, 1000)
    off, off_before, on, on_before = out[0, :, 0, 1].tolist()
    assert off == 1
    assert off_before == 0
    assert 1 > on > on_before > 0


def test_events_after_the_last_frame_do_nothing_and_late_ones_act_late() -> None:
    stage = Tore(k=1, window_us=5, n_frames=2)
    out = written(stage, Events.of(t=[11, 7, 0], x=[0, 1, 2]), 20)
    assert np.argwhere(out).tolist() == []
    out = written(stage, Events.of(t=[7, 0], x=[1, 2]), 20)
    assert np.argwhere(out).tolist() == [[1, 1, 0, 1], [1, 1, 0, 2]]


@pytest.mark.parametrize(("t", "x", "message"), [(0, 4, "off the sensor"), (5, 0, "its window")])
def test_events_off_the_sensor_or_the_window_are_errors(t: int, x: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        written(Tore(n_frames=1), Events.of(t=[t], x=[x]), 5)


def test_the_shorter_age_is_below_the_longer() -> None:
    with pytest.raises(InvalidInput, match=r"tau_min_us=9.* is not below tau_max_us=9"):
        Tore(tau_min_us=9, tau_max_us=9, n_frames=1)
