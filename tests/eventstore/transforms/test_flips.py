import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import EventBatch, FlipPolarity, FlipX, FlipY, RandomKey, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.randomness import uniform

SENSOR = Sensor(12, 9)


class TestFlipX(TransformContract):
    transform = FlipX()


class TestFlipXOfAudio(TransformContract):
    transform = FlipX(probability=0.7)
    sensor = Sensor.audio(9)


class TestFlipY(TransformContract):
    transform = FlipY()


class TestFlipPolarity(TransformContract):
    transform = FlipPolarity()


class TestFlipPolarityOfEvents(TransformContract):
    transform = FlipPolarity(probability=0.3, per="event")


@given(st.floats(0, 1), st.integers(0, 99))
def test_a_sample_is_mirrored_as_a_whole_or_not_at_all(probability: float, seed: int) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey(seed=seed).seeds(batch.ids, stage=0)
    in_x = FlipX(probability=probability).apply(batch, SENSOR, seeds)
    in_y = FlipY(probability=probability).apply(batch, SENSOR, seeds)
    in_p = FlipPolarity(probability=probability).apply(batch, SENSOR, seeds)
    for i, own in enumerate(seeds):
        t, x, y, p = batch.sample(i)
        if uniform(own, 0) < probability:
            assert in_x.sample(i).equals(Events(t, (11 - x).astype(np.uint16), y, p))
            assert in_y.sample(i).equals(Events(t, x, (8 - y).astype(np.uint16), p))
            assert in_p.sample(i).equals(Events(t, x, y, 1 - p))
        else:
            assert in_x.sample(i).equals(batch.sample(i))
            assert in_y.sample(i).equals(batch.sample(i))
            assert in_p.sample(i).equals(batch.sample(i))


@pytest.mark.parametrize("flip", [FlipX, FlipY, FlipPolarity])
def test_one_is_always_nought_never_and_twice_is_back(
    flip: type[FlipX] | type[FlipY] | type[FlipPolarity],
) -> None:
    batch = sample_batch(SENSOR)
    seeds = RandomKey().seeds(batch.ids, stage=0)
    always = flip(probability=1.0)
    once = always.apply(batch, SENSOR, seeds)
    assert all(not once.sample(i).equals(batch.sample(i)) for i in (0, 3))
    assert always.apply(once, SENSOR, seeds).events.equals(batch.events)
    assert flip(probability=0.0).apply(batch, SENSOR, seeds).events.equals(batch.events)


@pytest.mark.parametrize("flip", [FlipX(probability=0.25), FlipPolarity(probability=0.25)])
def test_the_share_of_samples_is_the_probability(flip: FlipX | FlipPolarity) -> None:
    # 4,000 samples of which 1,000 flip, sd 27.
    n = 4_000
    batch = EventBatch.of([Events.of(t=[0], x=[0])] * n, t_start=[0] * n, t_stop=[1] * n)
    out = flip.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0)).events
    assert abs(np.count_nonzero((out.x != 0) | (out.p != 1)) - 1_000) < 5 * 27


def test_events_of_a_sample_flip_by_themselves_when_asked_to() -> None:
    # 4,000 events of which 1,000 flip, sd 27; neighbours independently of one another.
    n = 4_000
    batch = EventBatch.of([Events.of(t=range(n), x=[0] * n)], t_start=[0], t_stop=[n])
    flip = FlipPolarity(probability=0.25, per="event")
    p = flip.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0)).events.p
    assert abs(np.count_nonzero(p == 0) - 1_000) < 5 * 27
    both = np.count_nonzero((p[1:] == 0) & (p[:-1] == 0))
    assert abs(both - 250) < 5 * 16


def test_an_event_off_the_sensor_is_an_error() -> None:
    batch = EventBatch.of([Events.of(t=[0], x=[12])], t_start=[0], t_stop=[1], ids=["a"])
    for flip in (FlipX(), FlipY()):
        with pytest.raises(InvalidInput, match=r"sample 'a' .* off the sensor of 12×9"):
            flip.apply(batch, SENSOR, RandomKey().seeds(batch.ids, stage=0))


@pytest.mark.parametrize(
    ("flip", "why"), [(FlipY(), "has one row"), (FlipPolarity(), "has one polarity")]
)
def test_audio_is_refused_where_there_is_nothing_to_flip(
    flip: FlipY | FlipPolarity, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        flip.out_spec(Spec("events", Sensor.audio(4)))


def test_fields_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"FlipX\(probability=2\) is outside 0 … 1"):
        FlipX(probability=2)
    with pytest.raises(InvalidInput, match=r"FlipPolarity\(per='pixel'\) is none of the choices"):
        FlipPolarity(per="pixel")  # type: ignore[arg-type]
