"""What recordings show of themselves: a file's before it is decoded, a store's row."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eventstore.notebook.panel import Panel, Told, panel_html
from eventstore.notebook.wording import digest_text, duration_text, rate_text, sensor_text

if TYPE_CHECKING:
    from eventstore.readers.protocol import Recording
    from eventstore.recordings import RecordingRow

MOST_HEADERS = 8


def recording_html(recording: "Recording") -> str:
    """Return a small page about a recording; no packet of it is taken."""

    def size() -> str:
        path = Path(recording.source)
        return f"{path.stat().st_size:,} bytes" if path.is_file() else ""

    def header() -> str:
        pairs = [f"{name} {value}" for name, value in list(recording.meta.items())[:MOST_HEADERS]]
        return "; ".join(pairs)

    clock = "from the recording's start" if recording.zero_based else "the source's own"
    notices: list[tuple[str, Told]] = [
        (
            "repaired",
            partial("{}: {:,} changed, {:,} left out".format, r.name, r.changed, r.dropped),
        )
        for r in recording.repairs
    ]
    notices += [(f.severity.name.lower(), partial(str, f.message)) for f in recording.findings]
    return panel_html(
        Panel(
            kind="Recording",
            title=lambda: recording.source,
            facts=[
                ("size", size),
                ("sensor", lambda: sensor_text(recording.sensor)),
                ("reader", lambda: recording.reader),
                ("clock", lambda: clock),
                ("beside events", lambda: ", ".join(recording.side)),
                ("header", header),
                ("events", lambda: "decoded by .load(), or packet by packet from .packets"),
                *notices,
            ],
        )
    )


def row_html(row: "RecordingRow") -> str:
    """Return a small page about a recording of a store."""
    return panel_html(
        Panel(
            kind="Recording",
            title=lambda: row.recording_id,
            facts=[
                ("events", lambda: f"{row.n_events:,}"),
                ("duration", lambda: duration_text(row.t_stop)),
                ("rate", lambda: rate_text(row.n_events, row.t_stop)),
                ("sensor", lambda: sensor_text(row.sensor)),
                ("began at", lambda: f"{row.t_origin_us:,} µs of the source's clock"),
                ("digest", lambda: digest_text(row.digest)),
                ("of side streams", lambda: digest_text(row.side_digest)),
                ("sha256 of source", lambda: digest_text(row.source_sha256)),
            ],
        )
    )
