"""Plots of events with matplotlib: each draws on the axes given, or on new ones, and returns them.

Modules:
    frames_plot: pictures at several times, side by side.
    raster_plot: channels, or rows of pixels, over time.
    rate_plot: events a second over time.
    isi_plot: how long after each other events of a pixel or channel come.
    subject: what can be drawn.
    looks: colours and axes.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.plot.frames_plot import frames
    from eventstore.plot.isi_plot import isi
    from eventstore.plot.raster_plot import raster
    from eventstore.plot.rate_plot import rate

__all__ = ["frames", "isi", "raster", "rate"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "frames": "eventstore.plot.frames_plot",
        "isi": "eventstore.plot.isi_plot",
        "raster": "eventstore.plot.raster_plot",
        "rate": "eventstore.plot.rate_plot",
    },
)
