"""Small pictures of events."""

import io
from pathlib import Path

import numpy as np
import pytest

from eventstore.events import Events, Sensor
from eventstore.testing import tiny_store
from eventstore.thumbnail import (
    LEAST_EVENTS,
    MAX_WIDTH,
    draw_thumbnail,
    middle_rows,
    palette,
    stored_thumbnail,
)


def pixels(png: bytes) -> np.ndarray:
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.open(io.BytesIO(png)))


def test_a_pixel_has_the_colour_of_the_polarity_that_it_saw_more_of() -> None:
    x = np.repeat([0, 1, 2], 9)
    p = np.concatenate([np.ones(9), np.zeros(9), np.arange(9) % 2]).astype(np.uint8)
    events = Events.of(t=np.arange(27), x=x, y=np.zeros(27, np.int64), p=p)
    row = pixels(draw_thumbnail(events, Sensor(4, 2)))[0]
    hues = [palette()[i][:3] for i in row[:3]]
    assert hues == [(37, 99, 235), (234, 88, 12), (147, 51, 234)]
    assert palette()[row[3]][3] == 0


def test_sound_runs_to_the_right_with_high_channels_above() -> None:
    drawn = pixels(draw_thumbnail(Events.of(t=[50, 1_049], x=[0, 15]), Sensor.audio(16)))
    assert np.argwhere(drawn).tolist() == [[0, MAX_WIDTH - 1], [15, 0]]


def test_the_middle_of_a_recording_is_drawn(tmp_path: Path) -> None:
    sensor = Sensor(34, 34)
    first, last = middle_rows(5_000, 9_001, sensor)
    assert (first - 5_000) - (9_001 - last) in {-1, 0, 1}
    assert last - first == 34 * 34 // 2 > LEAST_EVENTS
    with tiny_store(tmp_path / "events.zarr") as store:
        start, stop = store.recordings.offsets[:2].tolist()
        assert middle_rows(start, stop, sensor) == (start, stop)
        whole = draw_thumbnail(store.read(0), store.recordings.sensor(0))
        assert stored_thumbnail(store, 0) == whole
