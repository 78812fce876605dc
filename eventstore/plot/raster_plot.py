"""Channels of a cochlea, or rows of pixels of a camera, over time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eventstore.events import Sensor
from eventstore.frame_kernels import add_scaled
from eventstore.plot.looks import Interval, axes_for, draw_intervals, finite_span
from eventstore.plot.subject import Drawable, subject_of
from eventstore.thumbnail import colour_indices, palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS, MOST_ROWS = 900, 300
"""About as many as pixels of the plot, so that no event is lost between them."""


def raster(
    source: Drawable,
    *,
    labels: Sequence[Interval] = (),
    sensor: Sensor | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the events of each channel, or row of pixels, over time; the more, the stronger.

    Args:
        source: events, or a recording.
        labels: intervals to lay behind, such as those of ``version.labels()``, of this recording.
        sensor: where the events lie; the smallest that holds them where it is not known.
        ax: axes to draw on; new ones where None.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> from eventstore.events import Events
        >>> tone = Events.of(t=[0, 500_000, 999_999], x=[3, 4, 3])
        >>> ax = raster(tone, sensor=Sensor.audio(16))
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('time (s)', 'channel')
        >>> plt.close(ax.figure)
    """
    events, place = subject_of(source, sensor)
    sound = place.modality == "audio"
    n_rows = place.width if sound else place.height
    start, stop = finite_span(events.t)
    row = (events.x if sound else events.y).astype(np.int64)
    counts = np.zeros((2, min(n_rows, MOST_ROWS), BINS), np.int64)
    add_scaled((events.t - start, row, events.p), (stop - start, n_rows), counts)
    colours = np.array(palette())[colour_indices(counts)] / 255
    axes = axes_for(ax, size=(9.0, 3.4))
    below, above = (-0.5, n_rows - 0.5) if sound else (n_rows - 0.5, -0.5)  # high channels above
    axes.imshow(
        colours[::-1] if sound else colours,
        extent=(start / 1e6, stop / 1e6, below, above),
        aspect="auto",
        interpolation="nearest",
    )
    draw_intervals(axes, labels, start_us=start, stop_us=stop)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("channel" if sound else "row of pixels")
    return axes
