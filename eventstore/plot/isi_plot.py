"""How long after each other events of one pixel, or one channel, come."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.plot.looks import BOTH_HUE, INK, ON_HUE, axes_for
from eventstore.plot.subject import Drawable, subject_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PER_DECADE, DECADES = 10, 10
"""Bins from 1 µs to 10,000 s, with edges at whole µs."""

SHORT_SHARE = 0.01
"""Share of the intervals that are shorter than the mark."""


def isi(source: Drawable, *, sensor: Sensor | None = None, ax: "Axes | None" = None) -> "Axes":
    """Draw a histogram of the intervals between events of the same pixel or channel.

    Where a sensor is refractory, nothing lies left of a steep edge; noise of a pixel alone falls
    off to the right. A line marks what 99 % of the intervals are longer than.

    Args:
        source: events, or a recording; polarities are counted together.
        sensor: where the events lie; the smallest that holds them where it is not known.
        ax: axes to draw on; new ones where None.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> from eventstore.events import Events
        >>> ax = isi(Events.of(t=[0, 100, 200, 1_200], x=[1, 1, 1, 1]))
        >>> ax.get_title()
        '3 intervals, median 100 µs'
        >>> plt.close(ax.figure)
    """
    events, place = subject_of(source, sensor)
    pixel = events.y.astype(np.int64) * place.width + events.x
    intervals = interval_times(events.t, pixel, place.width * place.height)
    positive = intervals[intervals > 0]
    axes = axes_for(ax, size=(6.4, 3.6))
    edges = np.unique(np.rint(10.0 ** (np.arange(DECADES * PER_DECADE + 1) / PER_DECADE)))
    counts = np.histogram(positive, edges)[0]
    axes.stairs(counts, edges / 1e3, fill=True, color=ON_HUE, alpha=0.85)
    axes.set_xscale("log")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_xlabel("interval (ms)")
    axes.set_ylabel("intervals")
    of = "channel" if place.modality == "audio" else "pixel"
    if len(positive):
        _mark(axes, positive, of)
        seen = np.flatnonzero(counts)
        axes.set_xlim(edges[seen[0]] / 2e3, edges[seen[-1] + 1] / 5e2)
    axes.set_ylim(0, 30 * max(int(counts.max()), 1))  # with room for the words above
    median = f", median {_time(float(np.median(intervals)))}" if len(intervals) else ""
    same = f", {len(intervals) - len(positive):,} of 0 µs" if len(positive) < len(intervals) else ""
    axes.set_title(f"{len(intervals):,} intervals{median}{same}")
    return axes


def _mark(axes: "Axes", positive: Int64[np.ndarray, " n"], of: str) -> None:
    short = float(np.quantile(positive, SHORT_SHARE))
    words = f"99 % of a {of}'s intervals are longer: {_time(short)}"
    axes.axvline(short / 1e3, color=BOTH_HUE, ls="--", lw=1.2, label=words)
    axes.legend(frameon=False, loc="upper right", fontsize=8, labelcolor=INK)


def interval_times(
    t: Int64[np.ndarray, " n"], pixel: Int64[np.ndarray, " n"], n_pixels: int
) -> Int64[np.ndarray, " m"]:
    """Return the time from each event to the one of the same pixel before it, where there is one.

    Args:
        t: times in µs.
        pixel: number of each event's pixel or channel.
        n_pixels: how many there are; events of others are left out.

    Examples:
        >>> interval_times(np.array([0, 5, 7]), np.array([1, 0, 1]), 2).tolist()
        [7]
    """
    out = np.empty(len(t), np.int64)
    return out[: since_last(t, pixel, np.full(n_pixels, -1, np.int64), out)]


@kernel
def since_last(
    t: Int64[np.ndarray, " n"],
    pixel: Int64[np.ndarray, " n"],
    last: Int64[np.ndarray, " pixels"],
    out: Int64[np.ndarray, " n"],
) -> int:
    """Write the intervals of each pixel's events; return how many. Back steps count as 0.

    Args:
        t: times.
        pixel: number of each event's pixel.
        last: row of each pixel's last event, -1 before its first.
        out: where intervals go.
    """
    n = 0
    for i in range(len(t)):
        k = pixel[i]
        if k >= len(last):
            continue
        if last[k] >= 0:
            out[n] = max(t[i] - t[last[k]], 0)
            n += 1
        last[k] = i
    return n


def _time(us: float) -> str:
    """Return a time for people.

    Examples:
        >>> _time(950), _time(1_500), _time(2e6)
        ('950 µs', '1.5 ms', '2 s')
    """
    for unit, name in ((1e6, "s"), (1e3, "ms")):
        if us >= unit:
            return f"{us / unit:.3g} {name}"
    return f"{us:.3g} µs"
