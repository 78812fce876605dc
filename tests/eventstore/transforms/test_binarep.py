import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import BinaRep, EventBatch

SENSOR = Sensor(4, 3)


class TestBinaRep(TransformContract):
    transform = BinaRep(n_frames=3, n_bits=5)


class TestBinaRepOfAudio(TransformContract):
    transform = BinaRep()
    sensor = Sensor.audio(9)


def written(stage: BinaRep, events: Events, stop: int) -> np.ndarray:
    samples = [events, Events.empty(), events]
    batch = EventBatch.of(samples, t_start=[0] * 3, t_stop=[stop] * 3)
    out = np.full((3, stage.n_frames, *SENSOR.shape), 77, np.float32)
    stage.write(batch, SENSOR, out)
    assert not out[1].any()
    assert np.array_equal(out[0], out[2])
    frames: np.ndarray = out[0]
    return frames


@given(events(SENSOR, max_gap_us=300), st.integers(1, 5), st.integers(1, 24))
def test_follows_the_formula(events: Events, n_frames: int, n_bits: int) -> None:
    stop = int(events.t.max(initial=0)) + 1
    out = written(BinaRep(n_frames=n_frames, n_bits=n_bits), events, stop)
    bits = np.zeros((n_frames, n_bits, *SENSOR.shape))
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        window = t * n_frames * n_bits // stop
        bits[window // n_bits, window % n_bits, p, y, x] = 1
    weights = 2.0 ** (n_bits - 1 - np.arange(n_bits))
    expected = np.einsum("fbpyx,b->fpyx", bits, weights) / (2**n_bits - 1)
    assert np.allclose(out, expected, rtol=1e-5)


@given(events(SENSOR, max_gap_us=300), st.data())
def test_the_order_of_events_does_not_matter(events: Events, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(events)))), np.int64)
    stop = int(events.t.max(initial=0)) + 1
    stage = BinaRep(n_frames=2, n_bits=4)
    assert np.array_equal(written(stage, events[order], stop), written(stage, events, stop))


def test_a_pixel_that_fires_in_all_windows_is_one_and_the_earliest_weighs_most() -> None:
    events = Events.of(t=[0, 1, 2, 3, 0, 3], x=[0, 0, 0, 0, 1, 2])
    out = written(BinaRep(n_frames=1, n_bits=4), events, 4)
    assert out[0, 1, 0, :3].tolist() == pytest.approx([1, 8 / 15, 1 / 15])


@pytest.mark.parametrize(("t", "x", "message"), [(0, 4, "off the sensor"), (5, 0, "its window")])
def test_events_off_the_sensor_or_the_window_are_errors(t: int, x: int, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        written(BinaRep(n_frames=1, n_bits=2), Events.of(t=[t], x=[x]), 5)


def test_more_bits_than_a_float_holds_are_an_error() -> None:
    with pytest.raises(InvalidInput, match=r"n_bits=25.* is out of range"):
        BinaRep(n_bits=25)
