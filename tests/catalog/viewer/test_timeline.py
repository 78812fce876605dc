"""Rates in time and hot pixels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.viewer.timeline import read_hot_pixels, read_rate
from eventstore.errors import NotFound
from tests.catalog.viewer.asking import Asker

NAME = "train/dog/001"


@given(start=st.integers(0, 900), length=st.integers(1, 900), bins=st.integers(1, 60))
def test_counted_rates_add_up(viewed: Asker, start: int, length: int, bins: int) -> None:
    state = viewed.shown.state()
    times = state.version.store.read(NAME).t
    rate = read_rate(state, NAME, (start, start + length), bins)
    assert rate.exact
    edges = [start + length * k / bins for k in range(bins + 1)]
    expected = [((times >= a) & (times < b)).sum() for a, b in pairwise(edges)]
    assert rate.counts.tolist() == expected


def test_rates_off_the_index_hold_every_event(
    viewed: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.viewer.timeline.EXACT_EVENTS", 0)
    state = viewed.shown.state()
    for name in state.ids:
        rate = read_rate(state, name, (0, state.t_stop(name)), 7)
        assert not rate.exact
        assert rate.counts.sum() == pytest.approx(50)
        assert (rate.counts >= 0).all()


def test_hot_pixels_are_found_from_the_start(
    viewed: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = viewed.shown.state()
    events = state.version.store.read(NAME)
    counts = np.zeros((6, 8), int)
    np.add.at(counts, (events.y, events.x), 1)
    found = read_hot_pixels(state, NAME)
    assert found.until_us == state.t_stop(NAME)
    assert {(p.x, p.y) for p in found.pixels} == {
        (x, y) for y, x in np.argwhere(counts > 1).tolist()
    }
    monkeypatch.setattr("catalog.viewer.timeline.HOT_EVENTS", 10)
    assert read_hot_pixels(state, NAME).until_us == events.t[9] + 1
    with pytest.raises(NotFound, match="no recording 'x'"):
        read_hot_pixels(state, "x")


def test_a_slice_far_beyond_the_recording_holds_its_events(viewed: Asker) -> None:
    rate = read_rate(viewed.shown.state(), NAME, (0, 1 << 53), 4_096)
    assert rate.counts[0] == rate.counts.sum() == 50
