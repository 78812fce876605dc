import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, RandomKey, Rotate, Rotate90, Spec, Transpose
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS
from eventstore.transforms.randomness import uniform

SENSOR = Sensor(12, 9)


class TestRotate(TransformContract):
    transform = Rotate(max_degrees=30)


class TestRotate90(TransformContract):
    transform = Rotate90()


class TestRotate180(TransformContract):
    transform = Rotate90(quarter_turns=2)


class TestTranspose(TransformContract):
    transform = Transpose()


def turned(events: Events, angle: float) -> list[tuple[int, ...]]:
    """Turn one event after the other as a complex number."""
    middle = complex(5.5, 4)
    kept: list[tuple[int, ...]] = []
    for t, x, y, p in zip(*(c.tolist() for c in events), strict=True):
        place = (complex(x, y) - middle) * complex(math.cos(angle), math.sin(angle)) + middle
        column, row = math.floor(place.real + 0.5), math.floor(place.imag + 0.5)
        if 0 <= column < 12 and 0 <= row < 9:
            kept.append((t, column, row, p))
    return kept


@given(st.floats(0, 180), st.integers(0, 99))
def test_events_go_to_the_nearest_pixel_or_off_the_sensor(degrees: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = Rotate(max_degrees=degrees).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        angle = (2 * uniform(own, 0) - 1) * math.radians(degrees)
        rows = list(zip(*(c.tolist() for c in out.sample(i)), strict=True))
        assert rows == turned(batch.sample(i), angle)


def test_no_angle_changes_nothing() -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    assert Rotate(max_degrees=0).apply(batch, SENSOR, seeds).events.equals(batch.events)


def test_the_middle_stays_and_the_corners_leave() -> None:
    events = Events.of(t=[0, 1], x=[4, 0], y=[4, 0])
    n = 200
    batch = EventBatch.of([events] * n, t_start=[0] * n, t_stop=[2] * n)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = Rotate(max_degrees=45).apply(batch, Sensor(9, 9), seeds)
    middle = out.events[out.events.t == 0]
    assert len(middle) == n
    assert set(middle.x.tolist()) == set(middle.y.tolist()) == {4}
    assert 0 < len(out.events) - n < n


def test_a_quarter_turn_is_clockwise() -> None:
    events = Events.of(t=[0, 1], x=[11, 0], y=[0, 8])
    batch = EventBatch.of([events], t_start=[0], t_stop=[2])
    out = Rotate90().apply(batch, SENSOR, NO_SEEDS).events
    # The right end of the top row comes to the bottom of the right column.
    assert list(zip(out.x.tolist(), out.y.tolist(), strict=True)) == [(8, 11), (0, 0)]


def test_four_quarter_turns_and_two_transpositions_are_back() -> None:
    batch, sensor = sample_batch(SENSOR), SENSOR
    for quarter_turns in (1, 1, 2, 3, 3, 2):
        turn = Rotate90(quarter_turns=quarter_turns)
        batch = turn.apply(batch, sensor, NO_SEEDS)
        sensor = turn.out_spec(Spec("events", sensor)).sensor
    assert batch.events.equals(sample_batch(SENSOR).events)
    assert sensor == SENSOR
    twice = Transpose().apply(Transpose().apply(batch, SENSOR, NO_SEEDS), Sensor(9, 12), NO_SEEDS)
    assert twice.events.equals(batch.events)


def test_three_quarter_turns_are_one_and_a_half() -> None:
    batch = sample_batch(SENSOR)
    one = Rotate90().apply(batch, SENSOR, NO_SEEDS)
    three = Rotate90(quarter_turns=2).apply(one, Sensor(9, 12), NO_SEEDS)
    assert Rotate90(quarter_turns=3).apply(batch, SENSOR, NO_SEEDS).events.equals(three.events)


def test_a_transposition_swaps_the_coordinates() -> None:
    batch = sample_batch(SENSOR)
    out = Transpose().apply(batch, SENSOR, NO_SEEDS).events
    assert np.array_equal(out.x, batch.events.y)
    assert np.array_equal(out.y, batch.events.x)
    assert np.array_equal(out.p, batch.events.p)


@pytest.mark.parametrize("turn", [Rotate(max_degrees=5), Rotate90()])
def test_an_event_off_the_sensor_is_an_error(turn: Rotate | Rotate90) -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        turn.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


@pytest.mark.parametrize("turn", [Rotate(max_degrees=5), Rotate90(), Transpose()])
def test_audio_is_refused(turn: Rotate | Rotate90 | Transpose) -> None:
    with pytest.raises(InvalidInput, match="has no plane to turn"):
        turn.out_spec(Spec("events", Sensor.audio(4)))


def test_angles_past_a_half_turn_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"Rotate\(max_degrees=200\) is outside 0 … 180"):
        Rotate(max_degrees=200)
