import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.transforms import (
    ArrayTransform,
    Downsample,
    EventTransform,
    FramesByBins,
    FramesByTime,
)


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
