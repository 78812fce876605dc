import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.testing import TransformContract
from eventstore.transforms import Downsample, Spec
from eventstore.transforms.conformance import sample_batch
from eventstore.transforms.protocol import NO_SEEDS


class TestDownsample(TransformContract):
    transform = Downsample(factor=4)


class TestDownsampleOfAudio(TransformContract):
    transform = Downsample(factor=4)
    sensor = Sensor.audio(9)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 50))
def test_every_event_stays_and_lands_on_the_smaller_sensor(w: int, h: int, factor: int) -> None:
    batch, down = sample_batch(Sensor(w, h)), Downsample(factor=factor)
    out = down.apply(batch, Sensor(w, h), NO_SEEDS).events
    sensor = down.out_spec(Spec("events", Sensor(w, h))).sensor
    assert np.array_equal(out.x, batch.events.x.astype(int) // factor)
    assert np.array_equal(out.y, batch.events.y.astype(int) // factor)
    assert np.array_equal(out.t, batch.events.t)
    assert (sensor.width - 1) * factor < w <= sensor.width * factor
    assert (sensor.height - 1) * factor < h <= sensor.height * factor


@pytest.mark.parametrize("factor", [0, -1, 1.5, True, "2"])
def test_factors_that_make_no_sense_are_refused(factor: object) -> None:
    with pytest.raises(InvalidInput, match=r"Downsample\(factor="):
        Downsample(factor=factor)  # type: ignore[arg-type]
