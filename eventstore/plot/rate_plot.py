"""Events a second over time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.plot.looks import (
    INK,
    OFF_HUE,
    ON_HUE,
    Interval,
    axes_for,
    draw_intervals,
    finite_span,
)
from eventstore.plot.subject import Drawable, subject_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate(
    source: Drawable,
    *,
    bins: int = 200,
    labels: Sequence[Interval] = (),
    sensor: Sensor | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw events a second over time: ON upward in blue, OFF downward in orange.

    Args:
        source: events, or a recording.
        bins: parts that the time is cut into.
        labels: intervals to lay behind, such as those of ``version.labels()``, of this recording.
        sensor: where the events lie; it tells sound, which has no polarity.
        ax: axes to draw on; new ones where None.

    Raises:
        InvalidInput: there are no bins.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> from eventstore.events import Events
        >>> events = Events.of(t=range(0, 1_000_000, 1_000), x=[0] * 1_000)
        >>> ax = rate(events, bins=10)
        >>> ax.get_ylabel()
        'events/s'
        >>> plt.close(ax.figure)
    """
    from matplotlib.ticker import FuncFormatter

    if bins < 1:
        message = f"no rate in {bins} bins"
        raise InvalidInput(message, hint="give one or more")
    events, place = subject_of(source, sensor)
    start, stop = finite_span(events.t)
    edges = start + (stop - start) * np.arange(bins + 1, dtype=np.float64) / bins
    on_rate, off_rate = (
        np.histogram(events.t[events.p == polarity], edges)[0] / (np.diff(edges) / 1e6)
        for polarity in (1, 0)
    )
    axes = axes_for(ax, size=(9.0, 3.0))
    two = place.modality == "vision" and bool(off_rate.any())
    axes.stairs(on_rate, edges / 1e6, fill=True, color=ON_HUE, alpha=0.85, label="ON")
    if two:
        axes.stairs(-off_rate, edges / 1e6, fill=True, color=OFF_HUE, alpha=0.85, label="OFF")
        axes.set_ylim(-1.05 * off_rate.max(), 1.25 * max(on_rate.max(), off_rate.max() / 4))
        axes.legend(frameon=False, loc="upper right", fontsize=8, labelcolor=INK, ncols=2)
    axes.axhline(0, color=INK, linewidth=0.8)
    draw_intervals(axes, labels, start_us=start, stop_us=stop)
    axes.set_xlim(start / 1e6, stop / 1e6)
    axes.yaxis.set_major_formatter(FuncFormatter(_amount))
    axes.set_xlabel("time (s)")
    axes.set_ylabel("events/s")
    return axes


def _amount(value: float, _place: int | None = None) -> str:
    """Return a rate without its sign, such as ``50 k``.

    Examples:
        >>> _amount(-50_000), _amount(2.5e6), _amount(0)
        ('50 k', '2.5 M', '0')
    """
    size = abs(value)
    for unit, sign in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if size >= unit:
            return f"{size / unit:g}{sign}"
    return f"{size:g}"
