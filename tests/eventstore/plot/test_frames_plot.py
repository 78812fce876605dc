"""Pictures side by side."""

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.plot import frames
from eventstore.plot.looks import OFF_HUE, ON_HUE


def test_each_picture_shows_the_events_of_its_time() -> None:
    events = Events.of(t=[0, 400, 999], x=[0, 1, 2], y=[0, 1, 2], p=[1, 0, 1])
    axes = frames(events, n=4, sensor=Sensor(4, 3))
    assert [text.get_text() for text in axes.texts] == ["0 ms", "0.25 ms", "0.5 ms", "0.75 ms"]
    tiles = [np.asarray(image.get_array()) for image in axes.images]
    assert tiles[0].shape == (3, 4, 4)
    assert [tuple(np.argwhere(tile[..., 3]).ravel()) for tile in tiles] == [
        (0, 0),
        (1, 1),
        (),
        (2, 2),
    ]
    assert np.allclose(tiles[0][0, 0], (*ON_HUE, 1))
    assert np.allclose(tiles[1][1, 1], (*OFF_HUE, 1))
    assert axes.get_title() == "3 events; each picture gathers 0.25 ms"


def test_what_has_no_pictures_is_refused_and_nothing_is_drawn_as_nothing() -> None:
    with pytest.raises(InvalidInput, match="no place in a picture"):
        frames(Events.of(t=[1], x=[1]), sensor=Sensor.audio(4))
    with pytest.raises(InvalidInput, match="no sheet of 0 pictures"):
        frames(Events.empty(), n=0)
    empty = frames(Events.empty())
    assert not any(np.asarray(image.get_array())[..., 3].any() for image in empty.images)
