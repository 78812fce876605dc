"""Channels and rows of pixels over time."""

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.plot import raster
from eventstore.plot.raster_plot import BINS


def test_channels_lie_upward_and_rows_of_pixels_downward() -> None:
    tone = raster(Events.of(t=[1_000_000, 3_999_999], x=[2, 0]), sensor=Sensor.audio(8))
    seen = np.argwhere(np.asarray(tone.images[0].get_array())[..., 3])
    assert seen.tolist() == [[5, 0], [7, BINS - 1]]  # the picture's first line is the highest
    assert tuple(tone.images[0].get_extent()) == (1.0, 4.0, -0.5, 7.5)
    assert (tone.get_xlabel(), tone.get_ylabel()) == ("time (s)", "channel")
    scene = raster(Events.of(t=[0, 9], x=[2, 0], y=[1, 4]))
    seen = np.argwhere(np.asarray(scene.images[0].get_array())[..., 3])
    assert seen.tolist() == [[1, 0], [4, BINS * 9 // 10]]
    assert tuple(scene.images[0].get_extent())[2:] == (4.5, -0.5)
    assert scene.get_ylabel() == "row of pixels"
    assert not np.asarray(raster(Events.empty()).images[0].get_array())[..., 3].any()
