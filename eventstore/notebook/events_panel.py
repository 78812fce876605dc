"""What a table of events shows of itself."""

from typing import TYPE_CHECKING, NamedTuple

from eventstore.notebook.panel import Panel, Picture, panel_html
from eventstore.notebook.wording import duration_text, rate_text
from eventstore.thumbnail import MOST_EVENTS, draw_thumbnail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eventstore.events import Events

COUNTED = 1 << 21
"""Events that extents and shares are taken of: some milliseconds."""


class _Extent(NamedTuple):
    """As much of a sensor as a picture needs to know."""

    width: int
    height: int
    modality: str = "vision"


def events_html(events: "Events") -> str:
    """Return a small page about a table of events."""
    n = len(events)
    step = max(1, n // COUNTED)
    some = events[::step] if step > 1 else events
    about = "about " if step > 1 else ""

    def span() -> int:
        return int(events.t[-1]) - int(events.t[0]) if n else 0

    def extent() -> str:
        if not n:
            return ""
        (x0, x1), (y0, y1) = ((int(c.min()), int(c.max())) for c in (some.x, some.y))
        return f"{about}x {x0} … {x1}, y {y0} … {y1}"

    def pictures() -> "Iterator[Picture]":
        if n:
            first = max(0, (n - MOST_EVENTS) // 2)
            middle = events[first : first + MOST_EVENTS]
            place = _Extent(int(some.x.max()) + 1, int(some.y.max()) + 1)
            yield Picture(
                png=draw_thumbnail(middle, place), caption=f"{len(middle):,} of the middle"
            )

    return panel_html(
        Panel(
            kind="Events",
            title=lambda: f"{n:,}",
            facts=[
                ("time", lambda: f"{int(events.t[0]):,} … {int(events.t[-1]):,} µs" if n else ""),
                ("duration", lambda: duration_text(span()) if n else ""),
                ("rate", lambda: rate_text(n, span())),
                ("extent", extent),
                ("ON", lambda: f"{about}{100 * float(some.p.mean()):.1f} %" if n else ""),
                ("memory", lambda: f"{sum(c.nbytes for c in events) / 1e6:,.1f} MB"),
            ],
            pictures=pictures,
        )
    )
