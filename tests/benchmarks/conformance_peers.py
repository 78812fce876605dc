"""Decode one file with one other library: run in the benchmark environment, a process a file.

``python conformance_peers.py LIBRARY FORMAT FILE OUT`` writes the columns to ``OUT`` (npz).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Columns: TypeAlias = dict[str, np.ndarray]


def _evt3(path: str) -> Columns:
    import evt3

    events = evt3.decode_file(path)
    return {"t": events.timestamp, "x": events.x, "y": events.y, "p": events.polarity}


def _evlib(path: str) -> Columns:
    import evlib

    # Its default sorts by time, which reorders events of one µs.
    table = evlib.load_events(path, sort=False).collect()
    t = table["t"].dt.total_microseconds().to_numpy()
    return {
        "t": t,
        "x": table["x"].to_numpy(),
        "y": table["y"].to_numpy(),
        "p": table["polarity"].to_numpy() > 0,
    }


def _expelliarmus(encoding: str) -> Callable[[str], Columns]:
    def decode(path: str) -> Columns:
        from expelliarmus import Wizard

        return _fields(Wizard(encoding=encoding).read(path), "p")

    return decode


def _faery(path: str) -> Columns:
    import faery

    return _fields(faery.events_stream_from_file(path).to_array(), "p")


def _aedat(path: str) -> Columns:
    import aedat

    packets = [packet["events"] for packet in aedat.Decoder(path) if "events" in packet]
    return _fields(np.concatenate(packets), "on")


def _event_stream(path: str) -> Columns:
    import event_stream

    with event_stream.Decoder(path) as decoder:
        found = _fields(np.concatenate(list(decoder)), "on")
        return found | {"y": decoder.height - 1 - found["y"].astype(np.int64)}


def _dv_processing(path: str) -> Columns:
    import dv_processing

    reader = dv_processing.io.MonoCameraRecording(path)
    store = dv_processing.EventStore()
    while reader.isRunning():
        batch = reader.getNextEventBatch()
        if batch is not None:
            store.add(batch)
    found = store.numpy()
    return {
        "t": found["timestamp"],
        "x": found["x"],
        "y": found["y"],
        "p": found["polarity"],
    }


def _tonic_mnist(path: str) -> Columns:
    import tonic

    return _fields(tonic.io.read_mnist_file(path, dtype=tonic.io.events_struct), "p")


def _tonic_aedat2(path: str) -> Columns:
    import tonic

    return _fields(tonic.io.read_dvs_128(path)[1], "p")


def _tonic_aedat31(path: str) -> Columns:
    import tonic

    return _fields(tonic.io.read_dvs_ibm(path)[1], "p")


def _tonic_bag(path: str) -> Columns:
    from importRosbag.importRosbag import importRosbag

    return dict(importRosbag(path)["/dvs/events"])


def _fields(table: Any, polarity: str) -> Columns:
    return {"t": table["t"], "x": table["x"], "y": table["y"], "p": table[polarity]}


LIBRARIES: dict[str, dict[str, Callable[[str], Columns]]] = {
    "aedat": {"aedat4": _aedat},
    "dv-processing": {"aedat4": _dv_processing},
    "event_stream": {"es": _event_stream},
    "evlib": dict.fromkeys(
        ("aedat1", "aedat2", "aedat31", "aedat4", "dsec", "evt2", "evt21", "evt3", "mvsec", "text"),
        _evlib,
    ),
    "evt3": {"evt3": _evt3},
    "expelliarmus": {name: _expelliarmus(name) for name in ("dat", "evt2", "evt3")},
    "faery": dict.fromkeys(("aedat4", "dat", "es", "evt2", "evt21", "evt3"), _faery),
    "tonic": {
        "atis": _tonic_mnist,
        "aedat2": _tonic_aedat2,
        "aedat31": _tonic_aedat31,
        "ros1": _tonic_bag,
    },
}
"""What each library says it reads."""


def main() -> None:
    """Decode and save."""
    library, kind, path, out = sys.argv[1:]
    columns = LIBRARIES[library][kind](path)
    t, x, y, p = (np.asarray(columns[name]).astype(np.int64) for name in "txyp")
    np.savez(Path(out), t=t, x=x, y=y, p=p)


if __name__ == "__main__":
    main()
