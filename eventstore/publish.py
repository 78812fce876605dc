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
from dataclasses import dataclass

from eventstore.axis_writer import AxisWriter
from eventstore.documents import Document
from eventstore.durable import DurableFolder
from eventstore.schema import Head
from eventstore.side_writer import SideWriter
from eventstore.store import ROOT_KEY
from eventstore.table_writer import TableWriter
from eventstore.tables import stage_rows


@dataclass(frozen=True, slots=True)
class WriterState:
    """All that a writer has, published or not.

    Args:
        events: the columns of events.
        side: the side streams.
        table: the recordings.
    """

    events: AxisWriter
    side: SideWriter
    table: TableWriter

    def stage(self, folder: DurableFolder, before: Head) -> None:
        """Stage the files of values that differ from the published state's."""
        self.events.stage()
        self.side.stage(before, len(self.table))
        self.table.stage(folder, before.n_recordings, self.events.n_rows)
        rows = before.layout.table_rows
        first = before.n_events // before.layout.chunk_events // rows * rows
        stage_rows(folder, "index/t", self.events.first_t()[first:], first=first, rows=rows)

    def drop_behind(self, head: Head) -> None:
        """Delete what lies behind a published state."""
        self.events.drop_behind(head.n_events)
        self.side.drop_behind(head)


class Publisher:
    """Puts a writer's state onto the disk, in an order that survives kills.

    Args:
        folder: the store's folder.
    """

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._written: dict[str, bytes] = {}

    def publish(self, head: Head, state: WriterState, *, before: Head) -> None:
        """Make ``state`` what readers see, described by ``head``.

        Args:
            head: the new root.
            state: what the writer has.
            before: the published root; only what differs from it is written.

        Raises:
            OSError: the disk is full or refuses; ``before`` still stands.
        """
        state.stage(self._folder, before)
        self._folder.settle()
        self._write_documents(head)
        self._folder.stage(ROOT_KEY, [_json(head.root())])
        self._folder.settle()
        state.drop_behind(head)

    def recover(self, head: Head, state: WriterState) -> None:
        """Clear away what a killed writer left behind the published state."""
        self._folder.sweep()
        state.drop_behind(head)
        for key in head.documents():
            path = self._folder.root / key / ROOT_KEY
            self._written[key] = path.read_bytes() if path.is_file() else b""
        self._write_documents(head)

    def _write_documents(self, head: Head) -> None:
        """Write the documents of groups and arrays that differ from those written before."""
        written = {}
        for name, document in head.documents().items():
            own = head.group(name) if document["node_type"] == "group" else document
            written[name] = _json(own)
            if self._written.get(name) != written[name]:
                self._folder.stage(f"{name}/{ROOT_KEY}", [written[name]], derived=True)
        self._folder.settle()
        self._written = written


def _json(document: Document) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
