"""Pictures of counts as packets pass."""

from fractions import Fraction
from itertools import pairwise
from math import ceil

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.video.frames import FramePlan, count_frames

MOST = 15


@given(
    n=st.integers(0, 200),
    seed=st.integers(0, 99),
    start=st.integers(0, 30),
    stop=st.one_of(st.none(), st.integers(1, 900)),
    step=st.fractions(1, 60, max_denominator=7),
    open_us=st.integers(1, 300),
    cuts=st.lists(st.integers(0, 200), max_size=4),
)
def test_each_picture_counts_its_slice_of_time_wherever_packets_are_cut(
    *,
    n: int,
    seed: int,
    start: int,
    stop: int | None,
    step: Fraction,
    open_us: int,
    cuts: list[int],
) -> None:
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 600, n))
    e = Events.of(t=t, x=rng.integers(0, 4, n), y=rng.integers(0, 3, n), p=rng.integers(0, 2, n))
    plan = FramePlan(
        start_us=start, stop_us=stop, step_us=step, open_us=Fraction(open_us), size=(4, 3)
    )
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    packets = [e[a:b] for a, b in pairwise(edges)]
    found = list(count_frames(packets, plan))
    end = stop if stop is not None else (int(t[-1]) + 1 if n else 0)
    assert len(found) == max(0, ceil((end - start) / step))
    for k, frame in enumerate(found):
        begin = start + ceil(k * step)
        inside = (t >= begin) & (t < begin + open_us)
        expected = np.zeros((2, 3, 4), int)
        np.add.at(expected, (e.p[inside], e.y[inside], e.x[inside]), 1)
        off, on = np.minimum(expected, MOST)
        assert (frame == 16 * on + off).all()


def test_late_events_are_shown_with_the_one_before_them() -> None:
    plan = FramePlan(
        start_us=0, stop_us=20, step_us=Fraction(10), open_us=Fraction(10), size=(3, 1)
    )
    events = Events.of(t=[0, 12, 3], x=[0, 1, 2])
    first, second = count_frames([events], plan)
    assert first.tolist() == [[16, 0, 0]]
    assert second.tolist() == [[0, 16, 16]]


def test_pixels_that_fall_together_are_counted_together() -> None:
    plan = FramePlan(
        start_us=0, stop_us=1, step_us=Fraction(1), open_us=Fraction(1), size=(2, 1), shrink=2
    )
    events = Events.of(t=[0, 0, 0], x=[0, 1, 2], y=[1, 0, 0], p=[1, 1, 0])
    (frame,) = count_frames([events], plan)
    assert frame.tolist() == [[32, 1]]
