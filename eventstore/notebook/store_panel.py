"""What a store shows of itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from eventstore.notebook.panel import Panel, Picture, panel_html
from eventstore.notebook.wording import digest_text, duration_text, rate_text, sensor_text
from eventstore.thumbnail import stored_thumbnail

if TYPE_CHECKING:
    from eventstore.store import EventStore

PICTURES = 4
"""Recordings that are shown, spread over the store."""

MOST_RECORDINGS = 200_000
"""More are not summed up: their table takes too long to read."""


def store_html(store: "EventStore") -> str:
    """Return a small page about a store."""

    def duration() -> str:
        if store.files.remote or store.n_recordings > MOST_RECORDINGS:
            return ""
        total = int(store.recordings.t_stop.sum())
        rate = rate_text(store.n_events, total)
        return duration_text(total) + (f", {rate} on average" if rate else "")

    return panel_html(
        Panel(
            kind="EventStore",
            title=lambda: store.files.where(""),
            facts=[
                ("recordings", lambda: f"{store.n_recordings:,}"),
                ("events", lambda: f"{store.n_events:,}"),
                ("duration", duration),
                ("sensor", lambda: sensor_text(store.sensor)),
                ("beside them", lambda: ", ".join(store.head.side_kinds())),
                ("digest", lambda: digest_text(store.digest)),
            ],
            pictures=lambda: store_pictures(store),
        )
    )


def store_pictures(store: "EventStore") -> Iterator[Picture]:
    """Yield pictures of some recordings; of none where the store is remote.

    Raises:
        MissingContent: events are not on this machine.
    """
    n = store.n_recordings
    if store.files.remote or not 0 < n <= MOST_RECORDINGS:
        return
    for row in np.unique(np.linspace(0, n - 1, PICTURES).round().astype(int)).tolist():
        yield Picture(png=stored_thumbnail(store, row), caption=store.recordings.ids[row])
