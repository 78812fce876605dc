"""Gaps, plateaus and hot pixels, found in the events."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.curation.places import find_gaps, find_hot_pixels, find_plateaus
from catalog.statistics.measure import HOT_RATE_HZ, WINDOW_US
from eventstore.events import Events, Sensor


@given(st.lists(st.integers(0, 999), max_size=30), st.integers(1, 400))
def test_gaps_are_where_no_event_is(times: list[int], least: int) -> None:
    t = sorted(times)
    found = find_gaps(Events.of(t=t, x=[0] * len(t)), 1000, least)
    ends = [0, *t, 1000]
    expected = sorted((a - b, b, a) for b, a in pairwise(ends) if a - b >= least)
    assert sorted((p.t_stop_us - p.t_start_us, *p) for p in found) == expected
    lengths = [p.t_stop_us - p.t_start_us for p in found]
    assert lengths == sorted(lengths, reverse=True)


def test_a_rate_that_hits_a_limit_is_placed() -> None:
    counts = [1, 2, 30, 30, 30, 30, 2, 1, 30, 1, 1, 1, 1, 1]
    t = np.repeat(np.arange(len(counts)) * WINDOW_US, counts)
    places = find_plateaus(Events.of(t=t, x=np.zeros(len(t), int)))
    assert [tuple(p) for p in places] == [(2 * WINDOW_US, 6 * WINDOW_US)]
    assert find_plateaus(Events.empty()) == []


@given(st.integers(0, 2**32))
def test_hot_pixels_are_counted_as_the_statistics_count_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, stop, sensor = 400, 50_000, Sensor(5, 3)
    x = np.where(rng.random(n) < 0.5, 2, rng.integers(0, 5, n))
    y = np.where(x == 2, 1, rng.integers(0, 3, n))
    events = Events.of(t=np.sort(rng.integers(0, stop, n)), x=x, y=y)
    found = {(p.x, p.y): p.rate_hz for p in find_hot_pixels(events, sensor, stop)}
    for row in range(3):
        for column in range(5):
            k = int(np.count_nonzero((x == column) & (y == row)))
            hot = k > max(int(HOT_RATE_HZ * stop * 1e-6), 1)
            assert ((column, row) in found) == hot
            if hot:
                assert np.isclose(found[column, row], k / stop * 1e6)
