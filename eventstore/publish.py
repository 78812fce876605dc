"""Publish a writer's state so that a kill or a full disk never harms what was published before.

Steps 1 and 3 have reached the disk before the next begins:

    1. shards, tables, index   they only grow behind what is published
    2. the documents of groups and arrays, which repeat parts of the root and are not waited for
    3. the root document: its rename publishes every shape at once

Until step 3 the old state is what everybody reads; what lies past it is garbage that the next
append overwrites. Documents of step 2 may run ahead of the root after a kill; the root is the
truth, and the next writer sets them back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstore.documents import DIGEST_BYTES, Document
from eventstore.durable import DurableFolder
from eventstore.recordings import RecordingRow
from eventstore.schema import Head, Layout
from eventstore.shards import shard_parts
from eventstore.store import ROOT_KEY
from eventstore.tables import encode_rows, encode_texts
from eventstore.tail import Tail


@dataclass(frozen=True, slots=True)
class WriterState:
    """All that a writer has, published or not.

    Args:
        rows: every recording.
        sealed_first_t: first time of each chunk in sealed shards.
        n_sealed: number of sealed shards.
        tail: the open shard.
    """

    rows: list[RecordingRow]
    sealed_first_t: list[int]
    n_sealed: int
    tail: Tail


class Publisher:
    """Puts shards, tables and documents onto the disk, in an order that survives kills.

    Args:
        path: the store's folder.
        columns: names of its event columns.
        layout: how it is cut.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], layout: Layout) -> None:
        self._path = path
        self._columns = columns
        self._layout = layout
        self._folder = DurableFolder(path)

    def write_shard(self, number: int, tail: Tail) -> None:
        """Write a full shard for good.

        Raises:
            OSError: the disk is full or refuses; no partial file is left.
        """
        self._stage_shard(number, tail)
        self._folder.settle()

    def publish(self, head: Head, state: WriterState, *, before: Head) -> None:
        """Make ``state`` what readers see, described by ``head``.

        Args:
            head: the new root.
            state: what the writer has.
            before: the published root; only what differs from it is written.

        Raises:
            OSError: the disk is full or refuses; ``before`` still stands.
        """
        tail = state.tail
        if tail.n_events:
            self._stage_shard(state.n_sealed, tail)
        self._stage_tables(state.rows, before.n_recordings, head.n_events)
        first_t = np.array(state.sealed_first_t + tail.first_t(), np.int64)
        self._stage_rows("index/t", first_t, before.n_events // self._layout.chunk_events)
        self._folder.settle()
        self._write_documents(head)
        self._folder.stage(ROOT_KEY, [_json(head.root())])
        self._folder.settle()
        self._drop_shards_behind(head)

    def recover(self, head: Head) -> None:
        """Clear away what a killed writer left behind the published state."""
        self._folder.sweep()
        self._write_documents(head)
        self._drop_shards_behind(head)

    def _stage_shard(self, number: int, tail: Tail) -> None:
        for name, chunks in tail.shard_chunks().items():
            parts = shard_parts(chunks, self._layout.slots)
            self._folder.stage(f"events/{name}/c/{number}", parts)

    def _stage_tables(self, rows: list[RecordingRow], from_row: int, n_events: int) -> None:
        per_chunk = self._layout.table_rows
        first = from_row // per_chunk * per_chunk
        for at in range(first, len(rows), per_chunk):
            texts = [row.recording_id for row in rows[at : at + per_chunk]]
            key = f"recordings/id/c/{at // per_chunk}"
            self._folder.stage(key, [encode_texts(texts, per_chunk)])
        for name, column in _number_columns(rows[first:], n_events).items():
            self._stage_rows(f"recordings/{name}", column, from_row, offset=first)

    def _stage_rows(self, name: str, values: np.ndarray, from_row: int, offset: int = 0) -> None:
        """Stage the chunks of a small array from a row on; ``values`` begin at row ``offset``."""
        per_chunk = self._layout.table_rows
        for number in range(from_row // per_chunk, -(-(offset + len(values)) // per_chunk)):
            at = number * per_chunk - offset
            data = encode_rows(values[at : at + per_chunk], per_chunk)
            key = f"{name}/c/{number}" + "/0" * (values.ndim - 1)
            self._folder.stage(key, [data])

    def _write_documents(self, head: Head) -> None:
        """Write the documents of groups and arrays that differ from the state's."""
        for name, document in head.documents().items():
            own = head.group(name) if document["node_type"] == "group" else document
            key, data = f"{name}/{ROOT_KEY}", _json(own)
            path = self._path / key
            if not path.is_file() or path.read_bytes() != data:
                self._folder.stage(key, [data], derived=True)
        self._folder.settle()

    def _drop_shards_behind(self, head: Head) -> None:
        used = -(-head.n_events // self._layout.shard_events)
        for name in self._columns:
            for shard in (self._path / "events" / name / "c").glob("*"):
                if shard.name.isdigit() and int(shard.name) >= used:
                    shard.unlink()


def _number_columns(rows: list[RecordingRow], n_events: int) -> Mapping[str, np.ndarray]:
    """Return the recordings table's number columns for these rows."""

    def hashes(values: Iterable[bytes]) -> np.ndarray:
        return np.frombuffer(b"".join(values), np.uint8).reshape(-1, DIGEST_BYTES)

    return {
        "offsets": np.array([*(row.start for row in rows), n_events], np.int64),
        "row_size": np.array([row.n_events for row in rows], np.int64),
        "t_origin_us": np.array([row.t_origin_us for row in rows], np.int64),
        "t_stop": np.array([row.t_stop for row in rows], np.int64),
        "width": np.array([row.sensor.width for row in rows], np.int32),
        "height": np.array([row.sensor.height for row in rows], np.int32),
        "digest": hashes(row.digest for row in rows),
        "source_sha256": hashes(row.source_sha256 for row in rows),
    }


def _json(document: Document) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
