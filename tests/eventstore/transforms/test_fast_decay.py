import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract, events
from eventstore.transforms import EventBatch, FastDecay
from eventstore.transforms.protocol import NO_SEEDS

SENSOR = Sensor(12, 9)


class TestFastDecay(TransformContract):
    transform = FastDecay(half_life_us=1_000, threshold=2.5)


class TestFastDecayOfAudio(TransformContract):
    transform = FastDecay(half_life_us=1_000, cell_pixels=2, threshold=1.5)
    sensor = Sensor.audio(9)


def counts(table: Events, stage: FastDecay) -> list[float]:
    """Sum over all earlier events of the square, each halved by its age: the definition."""
    found = []
    squares = list(zip(table.x // stage.cell_pixels, table.y // stage.cell_pixels, strict=True))
    for i, t in enumerate(table.t.tolist()):
        ages = [t - int(table.t[j]) for j in range(i + 1) if squares[j] == squares[i]]
        found.append(sum(2.0 ** (-age / stage.half_life_us) for age in ages))
    return found


@given(
    events(SENSOR),
    st.integers(1, 5_000),
    st.integers(1, 13),
    st.floats(0, 10, allow_subnormal=False),
)
def test_equals_the_definition(table: Events, half: int, side: int, threshold: float) -> None:
    stage = FastDecay(half_life_us=half, cell_pixels=side, threshold=threshold)
    stop = [int(table.t.max(initial=0)) + 1] * 2
    batch = EventBatch.of([table, table], t_start=[0, 0], t_stop=stop)
    out = stage.apply(batch, SENSOR, NO_SEEDS)
    assert out.sample(0).equals(out.sample(1))
    mask = stage.mask(batch, SENSOR)
    for kept, count in zip(mask[: len(table)].tolist(), counts(table, stage), strict=True):
        # Sums of another order differ by a rounding, which tells only at the threshold itself.
        assert kept == (count > threshold) or math.isclose(count, threshold, rel_tol=1e-9)


def test_a_late_or_early_first_event_does_not_matter() -> None:
    for start in (0, 1 << 50):
        table = Events.of(t=[start, start + 1], x=[3, 3])
        batch = EventBatch.of([table], t_start=[start], t_stop=[start + 2])
        stage = FastDecay(half_life_us=10, threshold=1.0)
        assert stage.mask(batch, SENSOR).tolist() == [False, True]


def test_times_before_the_origin_do_not_matter() -> None:
    table = Events.of(t=[-(1 << 50), -(1 << 50) + 1], x=[3, 3])
    batch = EventBatch.of([table], t_start=[-(1 << 50)], t_stop=[0])
    assert FastDecay(half_life_us=10, threshold=1.0).mask(batch, SENSOR).tolist() == [False, True]


def test_pixels_of_one_square_support_one_another_and_no_others() -> None:
    table = Events.of(t=[0, 1, 2, 3], x=[0, 3, 4, 11], y=[0, 3, 0, 8])
    batch = EventBatch.of([table], t_start=[0], t_stop=[4])
    stage = FastDecay(half_life_us=1_000, cell_pixels=4, threshold=1.0)
    assert stage.mask(batch, SENSOR).tolist() == [False, True, False, False]


@pytest.mark.parametrize(("x", "y"), [(12, 0), (0, 9)])
def test_an_event_off_the_sensor_is_an_error(x: int, y: int) -> None:
    # Its square may exist: 12 and 9 are no multiples of 5.
    batch = EventBatch.of([Events.of(t=[0], x=[x], y=[y])], t_start=[0], t_stop=[1], ids=["a"])
    with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
        FastDecay(cell_pixels=5).mask(batch, SENSOR)


@pytest.mark.parametrize("threshold", [-1.0, float("nan")])
def test_thresholds_without_sense_are_refused(threshold: float) -> None:
    with pytest.raises(InvalidInput, match=r"FastDecay\(threshold=.*\) is outside"):
        FastDecay(threshold=threshold)


def test_huge_gaps_forget_all() -> None:
    table = Events.of(t=np.array([0, 1 << 61]), x=[3, 3])
    batch = EventBatch.of([table], t_start=[0], t_stop=[(1 << 61) + 1])
    assert FastDecay(half_life_us=1, threshold=1.0).mask(batch, SENSOR).tolist() == [False, False]
