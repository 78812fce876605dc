import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import Affine, EventBatch, RandomKey, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import uniform

SENSOR = Sensor(12, 9)


class TestAffine(TransformContract):
    transform = Affine(max_degrees=20, max_scale=1.2, max_slant=0.2, max_pixels=1.5)


def moved(events: Events, own: Any, affine: Affine) -> list[tuple[int, ...]]:
    """Move one event after the other by matrices."""
    draws = [2 * uniform(own, i) - 1 for i in range(6)]
    angle = draws[0] * math.radians(affine.max_degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    slant = np.array([[1, draws[3] * affine.max_slant], [0, 1]])
    stretch = np.diag([affine.max_scale ** draws[1], affine.max_scale ** draws[2]])
    middle, shift = np.array([6, 4.5]), np.array(draws[4:]) * affine.max_pixels
    kept: list[tuple[int, ...]] = []
    for i, (t, x, y, p) in enumerate(zip(*(c.tolist() for c in events), strict=True)):
        inside = [0.0005 + 0.999 * uniform(own, 6 + 2 * i + axis) for axis in (0, 1)]
        place = turn @ slant @ stretch @ (np.array([x, y]) + inside - middle) + middle + shift
        column, row = np.floor(place).astype(int).tolist()
        if 0 <= column < 12 and 0 <= row < 9:
            kept.append((t, column, row, p))
    return kept


@given(
    st.builds(
        Affine,
        max_degrees=st.floats(0, 180),
        max_scale=st.floats(1, 10),
        max_slant=st.floats(0, 10),
        max_pixels=st.floats(0, 20),
    ),
    st.integers(0, 99),
)
def test_events_go_where_the_matrices_take_them(affine: Affine, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    out = affine.apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        rows = list(zip(*(c.tolist() for c in out.sample(i)), strict=True))
        assert rows == moved(batch.sample(i), own, affine)


@given(st.integers(0, 999))
def test_empty_ranges_change_nothing(seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    assert Affine().apply(batch, SENSOR, seeds).events.equals(batch.events)


def full(n: int, side: int = 16) -> EventBatch:
    """Return a sample of ``n`` events on each pixel of a square sensor."""
    rows, columns, _ = np.indices((side, side, n)).reshape(3, -1)
    events = Events.of(t=np.zeros(len(rows), int), x=columns, y=rows)
    return EventBatch.of([events], t_start=[0], t_stop=[1])


def test_what_is_stretched_or_turned_has_no_gaps() -> None:
    batch, sensor = full(200), Sensor(16, 16)
    for affine in (Affine(max_scale=2), Affine(max_degrees=180), Affine(max_slant=1)):
        for seed in range(5):
            out = affine.apply(batch, sensor, RandomKey(seed=seed).seeds(batch.ids, stage=0)).events
            counts = np.zeros((16, 16), int)
            np.add.at(counts, (out.y, out.x), 1)
            # The middle half stays covered by whatever is stretched to more than half its size.
            assert counts[5:11, 5:11].min() > 20


def test_half_a_pixel_moves_half_the_events() -> None:
    batch = EventBatch.of(
        [Events.of(t=np.zeros(4000, int), x=np.full(4000, 8), y=np.full(4000, 8))],
        t_start=[0],
        t_stop=[1],
    )
    seeds = RandomKey(seed=5).seeds(batch.ids, stage=0)
    dx = (2 * uniform(seeds[0], 4) - 1) * 0.9
    out = Affine(max_pixels=0.9).apply(batch, Sensor(16, 16), seeds).events
    assert float(out.x.astype(float).mean()) == pytest.approx(8 + dx, abs=0.03)


def test_both_ways_are_as_likely() -> None:
    events = Events.of(t=[0, 1], x=[100, 300], y=[200, 200])
    batch = EventBatch.of([events] * 2000, t_start=[0] * 2000, t_stop=[2] * 2000)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    out = Affine(max_scale=1.5).apply(batch, Sensor(400, 400), seeds)
    spans = np.array([float(np.ptp(out.sample(i).x.astype(float))) for i in range(2000)])
    assert abs(np.log(spans / 200).mean()) < 0.02
    assert 200 / 1.5 - 1 <= spans.min() < 140
    assert 290 < spans.max() <= 200 * 1.5 + 1


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        Affine().apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


def test_audio_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match=r"Affine is for cameras: .* no plane to turn or stretch"
    ):
        Affine().out_spec(Spec("events", Sensor.audio(4)))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"max_degrees": 200}, r"Affine\(max_degrees=200\) is outside 0 … 180"),
        ({"max_scale": 0.9}, r"Affine\(max_scale=0.9\) is outside 1 … 10"),
        ({"max_slant": -1}, r"Affine\(max_slant=-1\) is outside 0 … 10"),
        ({"max_pixels": math.nan}, r"Affine\(max_pixels=nan\) is outside 0 … 65535"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Affine(**fields)
