"""The kernel agrees with numpy, however a recording is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Int64

from catalog.statistics import counting
from catalog.statistics.counting import blank_pixels, blank_state, count_events
from eventstore.events import Events

WIDTH, HEIGHT, WINDOW, GAP = 5, 3, 10, 4


@st.composite
def recordings(draw: st.DrawFn) -> Events:
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    t = np.sort(rng.integers(0, draw(st.integers(1, 80)), n))
    return Events.of(
        t=t, x=rng.integers(0, WIDTH, n), y=rng.integers(0, HEIGHT, n), p=rng.integers(0, 2, n)
    )


def count(
    pieces: list[Events], most: int = 3, pixels: np.ndarray | None = None, owner: int = 1
) -> tuple[Int64[np.ndarray, " s"], Int64[np.ndarray, "two n"]]:
    state, windows = blank_state(), np.zeros((2, 100), np.int64)
    lines = blank_pixels(WIDTH * HEIGHT) if pixels is None else pixels
    limits = (owner, WIDTH, HEIGHT, WINDOW, GAP, most)
    for piece in pieces:
        assert count_events(piece.arrays(), lines, windows, state, limits) == -1
    return state, windows[:, : state[counting.N_WINDOWS]]


@given(events=recordings(), most=st.integers(1, 6))
def test_every_count_is_numpys(events: Events, most: int) -> None:
    state, windows = count([events], most)
    per_pixel = np.bincount(events.y.astype(int) * WIDTH + events.x, minlength=WIDTH * HEIGHT)
    gaps = np.diff(events.t)
    rows = {(t, x, y, p) for t, x, y, p in zip(*(c.tolist() for c in events), strict=True)}
    assert state[counting.ON] == events.p.sum()
    assert state[counting.EQUAL] == np.count_nonzero(gaps == 0)
    assert state[counting.DUPLICATES] == len(events) - len(rows)
    assert state[counting.GAPS] == np.count_nonzero(gaps >= GAP)
    assert state[counting.LONGEST_GAP] == max(gaps, default=0)
    assert state[counting.ACTIVE] == np.count_nonzero(per_pixel)
    assert state[counting.HOT] == np.count_nonzero(per_pixel > most)
    assert state[counting.HOT_EVENTS] == per_pixel[per_pixel > most].sum()
    assert state[counting.HOTTEST] == per_pixel.max()
    index, filled = np.unique(events.t // WINDOW, return_counts=True)
    assert np.array_equal(windows, [index, filled])


@given(events=recordings(), cut=st.integers(0, 60))
def test_a_recording_counts_the_same_in_pieces(events: Events, cut: int) -> None:
    whole, pieces = count([events]), count([events[:cut], events[cut:]])
    assert np.array_equal(whole[0], pieces[0])
    assert np.array_equal(whole[1], pieces[1])


@given(first=recordings(), second=recordings())
def test_a_recording_leaves_nothing_for_the_next(first: Events, second: Events) -> None:
    pixels = blank_pixels(WIDTH * HEIGHT)
    count([first], pixels=pixels, owner=1)
    after, alone = count([second], pixels=pixels, owner=2), count([second])
    assert np.array_equal(after[0], alone[0])


@pytest.mark.parametrize("off", [{"x": [WIDTH], "y": [0]}, {"x": [0], "y": [HEIGHT]}])
def test_an_event_off_the_sensor_is_not_counted_elsewhere(off: dict[str, list[int]]) -> None:
    events = Events.concatenate([Events.of(t=[0], x=[0]), Events.of(t=[1], **off)])
    limits = (1, WIDTH, HEIGHT, WINDOW, GAP, 1)
    windows = np.zeros((2, 4), np.int64)
    pixels = blank_pixels(WIDTH * HEIGHT)
    assert count_events(events.arrays(), pixels, windows, blank_state(), limits) == 1
