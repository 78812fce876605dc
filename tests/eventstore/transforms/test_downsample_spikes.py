from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import (
    Downsample,
    DownsampleDifferentiate,
    DownsampleIntegrate,
    EventBatch,
    Spec,
)
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestDownsampleIntegrate(TransformContract):
    transform = DownsampleIntegrate(factor=4, threshold=2)


class TestDownsampleIntegrateOfAudio(TransformContract):
    transform = DownsampleIntegrate(factor=4, threshold=3)
    sensor = Sensor.audio(9)


class TestDownsampleDifferentiate(TransformContract):
    transform = DownsampleDifferentiate(factor=4, threshold=1, step_us=700)


Row = tuple[int, int, int, int]

recordings = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 5), st.integers(0, 3), st.integers(0, 1)),
    max_size=60,
).map(sorted)


def batch_of(rows: list[Row], *, start: int = 0, stop: int = 91) -> EventBatch:
    t, x, y, p = zip(*rows, strict=True) if rows else ((), (), (), ())
    events = Events.of(t=t, x=x, y=y, p=p)
    return EventBatch.of([events, events], t_start=[start] * 2, t_stop=[stop] * 2)


def rows_of(events: Events) -> list[Row]:
    return list(zip(*(c.tolist() for c in events), strict=True))


def integrated(rows: list[Row], factor: int, threshold: int) -> list[Row]:
    """Keep the potential of each square in a table."""
    potential: Counter[tuple[int, int]] = Counter()
    spikes = []
    for t, x, y, p in rows:
        square = (x // factor, y // factor)
        potential[square] += 1 if p else -1
        if abs(potential[square]) >= threshold:
            spikes.append((t, *square, int(potential[square] > 0)))
            potential[square] = 0
    return spikes


def differentiated(spikes: list[Row], step: int, length: int) -> list[Row]:
    """Compare every square in every step with the step before."""
    net: Counter[tuple[int, int, int]] = Counter()
    for t, x, y, p in spikes:
        net[t // step, y, x] += 1 if p else -1
    changes = []
    for k in range(-(-length // step)):
        for y in range(4):
            for x in range(6):
                change = net[k, y, x] - net[k - 1, y, x]
                if change:
                    changes.append((min((k + 1) * step, length) - 1, x, y, int(change > 0)))
    return changes


@given(recordings, st.integers(1, 4), st.integers(1, 4))
def test_squares_integrate_and_fire(rows: list[Row], factor: int, threshold: int) -> None:
    down = DownsampleIntegrate(factor=factor, threshold=threshold)
    out = down.apply(batch_of(rows), Sensor(6, 4), NO_SEEDS)
    for i in (0, 1):
        assert rows_of(out.sample(i)) == integrated(rows, factor, threshold)


@given(recordings, st.integers(1, 3), st.integers(1, 3), st.integers(1, 120))
def test_changes_from_step_to_step_are_passed_on(
    rows: list[Row], factor: int, threshold: int, step: int
) -> None:
    down = DownsampleDifferentiate(factor=factor, threshold=threshold, step_us=step)
    out = down.apply(batch_of(rows), Sensor(6, 4), NO_SEEDS)
    expected = differentiated(integrated(rows, factor, threshold), step, 91)
    for i in (0, 1):
        assert rows_of(out.sample(i)) == expected


def test_steps_count_from_the_samples_start() -> None:
    rows = [(t + 1_000, 0, 0, 1) for t in (0, 5, 12, 13)]
    down = DownsampleDifferentiate(factor=2, threshold=1, step_us=10)
    out = down.apply(batch_of(rows, start=1_000, stop=1_025), Sensor(6, 4), NO_SEEDS)
    assert rows_of(out.sample(0)) == [(1_009, 0, 0, 1), (1_024, 0, 0, 0)]


def test_a_threshold_of_one_is_plain_downsampling() -> None:
    batch = sample_batch(SENSOR)
    out = DownsampleIntegrate(factor=4, threshold=1).apply(batch, SENSOR, NO_SEEDS)
    assert out.events.equals(Downsample(factor=4).apply(batch, SENSOR, NO_SEEDS).events)


def test_flicker_cancels() -> None:
    rows = [(t, t % 2, 0, (t // 2) % 2) for t in range(90)]
    down = DownsampleIntegrate(factor=2, threshold=3)
    assert len(down.apply(batch_of(rows), Sensor(6, 4), NO_SEEDS).events) == 0


def test_one_long_step_is_the_sum_over_the_sample() -> None:
    batch = sample_batch(SENSOR)
    down = DownsampleDifferentiate(factor=12, threshold=1, step_us=1 << 60)
    out = down.apply(batch, SENSOR, NO_SEEDS)
    for i in range(len(batch)):
        net = int(np.sum(2 * batch.sample(i).p.astype(int) - 1))
        assert len(out.sample(i)) == (net != 0)
        if net:
            assert out.sample(i).t[0] == batch.t_stop[i] - 1
            assert out.sample(i).p[0] == (net > 0)


def test_the_sensor_shrinks() -> None:
    for down in (
        DownsampleIntegrate(factor=4, threshold=2),
        DownsampleDifferentiate(factor=4, threshold=2, step_us=5),
    ):
        assert down.out_spec(Spec("events", SENSOR)).sensor == Sensor(3, 3)


def test_audio_has_no_falling_activity() -> None:
    down = DownsampleDifferentiate(factor=2, threshold=1, step_us=5)
    with pytest.raises(InvalidInput, match="no OFF events"):
        down.out_spec(Spec("events", Sensor.audio(4)))


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        DownsampleIntegrate(factor=2, threshold=2).apply(batch, SENSOR, NO_SEEDS)
