"""Intervals between events of a pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import StepPatch

from eventstore.events import Events
from eventstore.plot import isi
from eventstore.plot.isi_plot import interval_times


@given(st.integers(0, 200), st.integers(1, 6), st.integers(0, 99))
def test_intervals_are_those_of_each_pixel(n: int, pixels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t, pixel = np.sort(rng.integers(0, 500, n)), rng.integers(0, pixels, n)
    expected = [np.diff(t[pixel == k]) for k in range(pixels)]
    found = interval_times(t, pixel, pixels)
    assert sorted(found.tolist()) == sorted(np.concatenate(expected).tolist())


def test_counts_median_and_the_shortest_are_told() -> None:
    t = np.cumsum([0, *[1_000] * 200, 0, 50_000])
    axes = isi(Events.of(t=t, x=np.ones(len(t), int)))
    assert axes.get_title() == "202 intervals, median 1 ms, 1 of 0 µs"
    (words,) = axes.get_legend_handles_labels()[1]
    assert words == "99 % of a pixel's intervals are longer: 1 ms"
    (bars,) = (part for part in axes.patches if isinstance(part, StepPatch))
    values, edges, _ = bars.get_data()
    full = np.flatnonzero(values)
    assert values[full].tolist() == [200, 1]
    assert (edges[full] <= [1, 50]).all()
    assert (edges[full + 1] > [1, 50]).all()
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "interval (ms)")


def test_without_two_events_there_are_none() -> None:
    assert isi(Events.of(t=[5], x=[1])).get_title() == "0 intervals"
