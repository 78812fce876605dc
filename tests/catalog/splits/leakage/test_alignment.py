"""Alignment: every flip, polarity, displacement and shift is found back."""

import itertools

import numpy as np
import pytest

from catalog.splits.leakage.alignment import Alignment, alignments, laid
from eventstore.events import Events, Sensor


def moved(e: Events, how: Alignment) -> Events:
    t, x, y, p = laid(e, how)
    inside = (x >= 0) & (y >= 0) & (t >= 0)
    return Events.of(t=t[inside], x=x[inside], y=y[inside], p=p[inside])


@pytest.mark.parametrize("flips", list(itertools.product([False, True], repeat=3)))
def test_every_variant_is_found(
    digits: list[Events], sensor: Sensor, flips: tuple[bool, bool, bool]
) -> None:
    flip_x, flip_y, swap_p = flips
    how = Alignment(flip_x, flip_y, swap_p, 33 if flip_x else 2, 33 if flip_y else -3, 40_125)
    found = next(alignments(digits[0], moved(digits[0], how), sensor, 41_000), None)
    assert found is not None
    assert found[:5] == how[:5]
    assert abs(found.lag_us - how.lag_us) <= 125


def test_large_sensors_are_searched_in_cells_and_found_to_the_pixel() -> None:
    rng = np.random.default_rng(0)
    n = 5000
    columns = (np.sort(rng.integers(0, 500_000, n)), rng.integers(0, 600, n))
    events = Events.of(
        t=columns[0], x=columns[1], y=rng.integers(0, 400, n), p=rng.integers(0, 2, n)
    )
    how = Alignment(True, False, False, 639, 37, 0)
    found = next(alignments(events, moved(events, how), Sensor(640, 480), 500), None)
    assert found is not None
    assert found[:5] == how[:5]


def test_a_stranger_is_given_up_at_once(digits: list[Events], sensor: Sensor) -> None:
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 300_000, 3000))
    x, y = rng.integers(0, 34, (2, 3000))
    stranger = Events.of(t=t, x=x, y=y, p=rng.integers(0, 2, 3000))
    assert next(alignments(digits[0], stranger, sensor, 0), None) is None


def test_sound_is_searched_in_time_alone() -> None:
    rng = np.random.default_rng(0)
    events = Events.of(t=np.sort(rng.integers(0, 300_000, 2000)), x=rng.integers(0, 32, 2000))
    found = next(alignments(events, events.shifted(3000), Sensor.audio(32), 1000), None)
    assert found is not None
    assert found[:5] == (False, False, False, 0, 0)
    assert abs(found.lag_us - 3000) <= 125


def test_of_large_sensors_each_flip_is_given_once() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    t = np.sort(rng.integers(0, 200_000, n))
    # A bar that grows from the middle: in cells of pixels it is its own mirror image.
    x = 640 + rng.integers(-300, 300, n)
    y = 360 + rng.integers(-40, 40, n)
    events = Events.of(t=t, x=x, y=y, p=rng.integers(0, 2, n))
    found = list(alignments(events, events, Sensor(1280, 720), 0))
    assert Alignment(False, False, False, 0, 0, 0) in [way._replace(lag_us=0) for way in found]
    assert len({way[:3] for way in found}) == len(found)
