"""The recordings table of a store being written: all numbers, and the texts not yet at rest.

Publishing costs no Python per row: numbers lie in arrays, texts as the bytes of their chunk.
"""

from array import array
from collections.abc import KeysView

import numpy as np

from eventstore.documents import DIGEST_BYTES
from eventstore.durable import DurableFolder
from eventstore.events import Modality, Sensor
from eventstore.recordings import RecordingRow, RecordingTable, digest_line, sum_lines
from eventstore.schema import Layout
from eventstore.tables import encode_items, stage_rows, text_item

NUMBERS = {
    "offsets": "int64",
    "row_size": "int64",
    "t_origin_us": "int64",
    "t_stop": "int64",
    "width": "int32",
    "height": "int32",
}
"""Number columns with their types; of ``offsets`` the end is not kept but given."""

HASHES = ("digest", "side_digest", "source_sha256")

TEXTS = ("id", "provenance")


class TableWriter:
    """The rows of the recordings table, published or not.

    Args:
        layout: how the table is cut.
        modality: of all recordings.
    """

    def __init__(self, layout: Layout, modality: Modality) -> None:
        self._modality: Modality = modality
        self._per_chunk = layout.table_rows
        self._per_text_chunk = {"id": layout.table_rows, "provenance": layout.provenance_rows}
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._numbers = {name: array("q") for name in NUMBERS}
        self._hashes = {name: bytearray() for name in HASHES}
        self._items: dict[str, list[bytes]] = {name: [] for name in TEXTS}
        self._first_item = dict.fromkeys(TEXTS, 0)
        self._lines: list[str] = []

    def resume(self, table: RecordingTable) -> None:
        """Take up a published table."""
        self._ids = list(table.ids)
        self._row_of = {recording_id: row for row, recording_id in enumerate(self._ids)}
        for name, values in self._numbers.items():
            column = getattr(table, name)[: len(table)]
            values.frombytes(column.astype(np.int64).tobytes())
        digests, side_digests = table.digests, table.side_digests
        columns = (digests, side_digests, table.source_sha256)
        for name, sums in zip(HASHES, columns, strict=True):
            self._hashes[name] += b"".join(sums)
        self._lines = sorted(map(digest_line, self._ids, digests, side_digests))
        self._first_item = self._chunk_of(len(table))
        self._items["id"] = [text_item(text) for text in self._ids[self._first_item["id"] :]]
        open_chunk = range(self._first_item["provenance"], len(table))
        self._items["provenance"] = [text_item(table.provenance_text(row)) for row in open_chunk]

    def _chunk_of(self, row: int) -> dict[str, int]:
        """Return the first row of the chunk that a row lies in, for each column of texts."""
        return {name: row // rows * rows for name, rows in self._per_text_chunk.items()}

    @property
    def ids(self) -> KeysView[str]:
        """Ids of all recordings, in order."""
        return self._row_of.keys()

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self._ids)

    def append(self, row: RecordingRow, provenance: str) -> None:
        """Add a recording at the end.

        Args:
            row: what is known of it.
            provenance: its JSON object.
        """
        self._row_of[row.recording_id] = len(self._ids)
        self._ids.append(row.recording_id)
        size = (row.sensor.width, row.sensor.height)
        numbers = (row.start, row.n_events, row.t_origin_us, row.t_stop, *size)
        for name, number in zip(NUMBERS, numbers, strict=True):
            self._numbers[name].append(number)
        for name, data in zip(
            HASHES, (row.digest, row.side_digest, row.source_sha256), strict=True
        ):
            self._hashes[name] += data
        self._items["id"].append(text_item(row.recording_id))
        self._items["provenance"].append(text_item(provenance))
        self._lines.append(digest_line(row.recording_id, row.digest, row.side_digest))

    def row(self, recording_id: str) -> RecordingRow:
        """Return what is known of a recording that is there."""
        row = self._row_of[recording_id]
        start, n_events, t_origin_us, t_stop, width, height = (
            values[row] for values in self._numbers.values()
        )
        place = slice(DIGEST_BYTES * row, DIGEST_BYTES * (row + 1))
        digest, side_digest, source_sha256 = (bytes(d[place]) for d in self._hashes.values())
        return RecordingRow(
            recording_id=recording_id,
            start=start,
            n_events=n_events,
            t_origin_us=t_origin_us,
            t_stop=t_stop,
            sensor=Sensor(width, height, self._modality),
            digest=digest,
            side_digest=side_digest,
            source_sha256=source_sha256,
        )

    def digest(self) -> str:
        """Return the logical digest of all recordings, in hex."""
        self._lines.sort()  # all but the newest stand in order, which sorting makes use of
        return sum_lines(self._lines)

    def stage(self, folder: DurableFolder, from_row: int, n_events: int) -> None:
        """Stage all chunks that hold rows from ``from_row`` on.

        Args:
            folder: where the store is.
            from_row: the number of published rows.
            n_events: where the last recording ends.
        """
        for name, rows in self._per_text_chunk.items():
            first = self._first_item[name]
            for number in range(from_row // rows, -(-len(self) // rows)):
                items = self._items[name][number * rows - first : (number + 1) * rows - first]
                folder.stage(f"recordings/{name}/c/{number}", [encode_items(items, rows)])
        rows = self._per_chunk
        first = from_row // rows * rows
        for name, dtype in NUMBERS.items():
            end = [n_events] if name == "offsets" else []
            column = np.append(np.array(self._numbers[name][first:], dtype), np.array(end, dtype))
            stage_rows(folder, f"recordings/{name}", column, first=first, rows=rows)
        for name, data in self._hashes.items():
            sums = np.frombuffer(bytes(data[DIGEST_BYTES * first :]), np.uint8)
            digests = sums.reshape(-1, DIGEST_BYTES)
            stage_rows(folder, f"recordings/{name}", digests, first=first, rows=rows)

    def forget_published(self) -> None:
        """Let go of the texts of chunks that are whole and published: they change no more."""
        now = self._chunk_of(len(self))
        for name, first in now.items():
            del self._items[name][: first - self._first_item[name]]
        self._first_item = now
