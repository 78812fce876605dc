"""Finer time steps: as many events, cut finer."""

import pytest

from devices.finer_steps import finer_steps
from eventstore.errors import InvalidInput
from eventstore.transforms.drop import DropEvents
from eventstore.transforms.frames import FramesByBins, FramesByCount, FramesByTime
from eventstore.transforms.pipeline import Pipeline


def test_bins_and_windows_become_finer_and_earlier_stages_stay() -> None:
    drop = DropEvents(fraction=0.1)
    assert finer_steps(Pipeline(drop, FramesByBins(n_bins=7)), 3).stages == (
        drop,
        FramesByBins(n_bins=21),
    )
    (windows,) = finer_steps(Pipeline(FramesByTime(window_us=900, n_frames=4)), 3).stages
    assert windows == FramesByTime(window_us=300, n_frames=12)
    (open_ended,) = finer_steps(Pipeline(FramesByTime(window_us=900)), 9).stages
    assert open_ended == FramesByTime(window_us=100)


def test_a_factor_of_one_leaves_any_frames_as_they_are() -> None:
    other = Pipeline(FramesByCount(events_per_frame=5))
    assert finer_steps(other, 1) is other
    with pytest.raises(InvalidInput, match="FramesByCount have no finer time steps"):
        finer_steps(other, 2)


def test_windows_that_do_not_divide_are_refused() -> None:
    with pytest.raises(InvalidInput, match="1000 µs cannot be cut into 3"):
        finer_steps(Pipeline(FramesByTime(window_us=1000)), 3)
