from dataclasses import dataclass

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.transforms import (
    ArrayTransform,
    Downsample,
    EventTransform,
    FramesByBins,
    FramesByTime,
    Spec,
)
from eventstore.transforms.protocol import refuse_audio


@dataclass
class Fields:
    pass


def test_the_two_kinds_are_told_apart() -> None:
    assert isinstance(Downsample(factor=2), EventTransform)
    assert not isinstance(Downsample(factor=2), ArrayTransform)
    assert isinstance(FramesByBins(n_bins=2), ArrayTransform)
    assert not isinstance(FramesByBins(n_bins=2), EventTransform)


def test_numpy_integers_become_plain_ones() -> None:
    assert type(FramesByBins(n_bins=np.int64(3)).n_bins) is int  # type: ignore[arg-type]


def test_messages_name_the_field_and_the_bounds() -> None:
    with pytest.raises(InvalidInput) as caught:
        FramesByTime(window_us=1000, n_frames=0)
    assert str(caught.value) == (
        "FramesByTime(n_frames=0) is out of range\nhint: give n_frames 1 … 1048576"
    )
    with pytest.raises(InvalidInput) as caught:
        FramesByTime(window_us=0.001)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "FramesByTime(window_us=0.001) is not an integer\nhint: give window_us as a whole number"
    )


def test_real_numbers_need_a_type_that_holds_them() -> None:
    surfaces = Spec("array", Sensor(4, 3), (5, 2, 3, 4), real=True)
    surfaces.check_dtype("float32")
    with pytest.raises(InvalidInput, match="real numbers, which uint8 cannot hold"):
        surfaces.check_dtype("uint8")
    Spec("array", Sensor(4, 3), (5, 2, 3, 4)).check_dtype("uint8")


def test_a_batch_takes_the_frames_of_its_longest_sample_unless_they_are_fixed() -> None:
    assert Spec("array", Sensor(4, 3), (None, 2, 3, 4)).array_shape(7, 9) == (7, 9, 2, 3, 4)
    assert Spec("array", Sensor(4, 3), (5, 7, 2, 1)).array_shape(7, 9) == (7, 5, 7, 2, 1)


def test_audio_is_refused_with_a_reason() -> None:
    refuse_audio(Fields(), Spec("events", Sensor(4, 3)), "has no rows")
    with pytest.raises(InvalidInput, match="Fields is for cameras: an audio sensor has no rows"):
        refuse_audio(Fields(), Spec("events", Sensor.audio(4)), "has no rows")
