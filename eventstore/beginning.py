"""Begin a store with the first recordings of another: what is whole is linked, not copied.

    sealed shards before the last event kept      linked, byte for byte the same files
    the shard with the last event kept            its whole chunks carried over, the last encoded
    full chunks of tables                         linked
    last chunks of tables, documents              written

Links are safe: writers replace files by renaming others into their place and never change one.
"""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eventstore.axis import Axis
from eventstore.codecs import encode_chunk
from eventstore.columns import ColumnReader
from eventstore.documents import DIGEST_BYTES, TABLE, Document
from eventstore.durable import DurableFolder
from eventstore.errors import MissingContent
from eventstore.recordings import store_digest
from eventstore.schema import Head
from eventstore.shards import shard_parts
from eventstore.side import PIXELS
from eventstore.side_reader import SideReader
from eventstore.store import ROOT_KEY, EventStore
from eventstore.tables import encode_texts, read_rows, stage_rows

NO_LINKS = (errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EXDEV, errno.EACCES)
"""What link(2) answers where the file system has no hard links, or no more."""


def begin_with(store: EventStore, n_recordings: int, source: Path, path: Path) -> None:
    """Make a store that holds the first recordings of another and nothing else.

    Args:
        store: the other store, open.
        n_recordings: how many of its recordings, at least one.
        source: the other store's folder.
        path: folder to make, in the same folder, so that an annexed file's link leads there too.

    Raises:
        IntegrityError: the chunk with the last event kept, or a table, is damaged.
        MissingContent: the shard with the last event kept is not on this machine.
        OSError: the disk is full or refuses.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> folder = Path(mkdtemp())
        >>> store = tiny_store(folder / "all.zarr")
        >>> begin_with(store, 3, folder / "all.zarr", folder / "three.zarr")
        >>> EventStore.open(folder / "three.zarr").recordings.ids
        ['r000', 'r001', 'r002']
    """
    path.mkdir()
    _Beginning(store, shortened_head(store, n_recordings), source, DurableFolder(path)).write()


def shortened_head(store: EventStore, n_recordings: int) -> Head:
    """Return the head of the state that a store was in after its first recordings.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> store = tiny_store(Path(mkdtemp()) / "events.zarr")
        >>> shortened_head(store, 3).n_events == int(store.recordings.offsets[3])
        True
    """
    table, n = store.recordings, n_recordings
    sums = zip(table.ids[:n], table.digests[:n], table.side_digests[:n], strict=True)
    return replace(
        store.head,
        n_events=int(table.offsets[n]),
        n_recordings=n,
        digest=store_digest(sums),
        side=_shortened_side(store, n),
    )


def _shortened_side(store: EventStore, n_recordings: int) -> dict[str, int]:
    """Return the lengths of the axes of side streams; kinds without rows are left out."""
    lengths = {}
    for kind in store.head.side_kinds():
        reader = SideReader(store.files, store.head, kind)
        rows = int(reader.offsets[n_recordings])
        if rows:
            lengths[kind] = rows
        if rows and kind == "frames":
            lengths[PIXELS] = reader.pixel_range(np.zeros(1, np.int64), rows)[1]
    return lengths


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Writes the first recordings of a store into a folder."""

    store: EventStore
    head: Head
    source: Path
    folder: DurableFolder

    def write(self) -> None:
        """Write and link all files, the root document last."""
        for name, axis in self.head.axes().items():
            self._write_axis(axis, self.head.length(name), self.store.head.length(name))
        self._write_table()
        n = self.head.n_recordings
        for kind in self.head.side_kinds():
            offsets = SideReader(self.store.files, self.store.head, kind).offsets
            self._write_numbers(f"side/{kind}/offsets", offsets[: n + 1], n)
        n_chunks = self.head.layout.n_chunks(self.head.n_events)
        self._write_numbers("index/t", self.store.first_t[:n_chunks], n_chunks)
        self.folder.settle()
        self._write_documents()

    def _write_axis(self, axis: Axis, n: int, n_before: int) -> None:
        """Link the sealed shards of an axis, and write the one that ``n`` rows end in."""
        sealed, whole = n // axis.shard, n // axis.chunk
        for name, codec in axis.codecs.items():
            for number in range(sealed):
                self._link(axis.key(name, number))
            reader = ColumnReader(self.store.files, name, axis=axis, n=n_before)
            chunks = [reader.encoded(k) for k in range(sealed * axis.slots, whole)]
            rest = n - whole * axis.chunk
            if rest:  # padded as writers do it, by repeating the last row
                padded = reader.chunk(whole)[np.minimum(np.arange(axis.chunk), rest - 1)]
                chunks.append(encode_chunk(codec, padded))
            if chunks:
                self.folder.stage(axis.key(name, sealed), shard_parts(chunks, axis.slots))

    def _write_table(self) -> None:
        layout, n, files = self.head.layout, self.head.n_recordings, self.store.files
        for name, (data_type, dims, _) in TABLE.items():
            if data_type != "string":
                length = self.store.n_recordings + (name == "offsets")
                shape, rows = (length, DIGEST_BYTES)[: len(dims)], layout.table_rows
                values = read_rows(files, f"recordings/{name}", data_type, shape, rows)
                self._write_numbers(f"recordings/{name}", values[: n + (name == "offsets")], n)
        table = self.store.recordings
        self._write_texts("id", lambda row: table.ids[row], layout.table_rows)
        self._write_texts("provenance", table.provenance_text, layout.provenance_rows)

    def _write_numbers(self, name: str, values: np.ndarray, n_same: int) -> None:
        """Link the chunks of a small array that are all before row ``n_same``; write the others."""
        rows = self.head.layout.table_rows
        for number in range(n_same // rows):
            self._link(f"{name}/c/{number}" + "/0" * (values.ndim - 1))
        first = n_same // rows * rows
        stage_rows(self.folder, name, values[first:], first=first, rows=rows)

    def _write_texts(self, name: str, text: Callable[[int], str], rows: int) -> None:
        n = self.head.n_recordings
        for number in range(n // rows):
            self._link(f"recordings/{name}/c/{number}")
        if n % rows:
            texts = [text(row) for row in range(n // rows * rows, n)]
            key = f"recordings/{name}/c/{n // rows}"
            self.folder.stage(key, [encode_texts(texts, rows)])

    def _write_documents(self) -> None:
        for name, document in self.head.documents().items():
            own = self.head.group(name) if document["node_type"] == "group" else document
            self.folder.stage(f"{name}/{ROOT_KEY}", [_json(own)])
        self.folder.settle()
        self.folder.stage(ROOT_KEY, [_json(self.head.root())])
        self.folder.settle()

    def _link(self, key: str) -> None:
        """Let a file of the other store be one of this as well."""
        old, new = self.source / key, self.folder.root / key
        new.parent.mkdir(parents=True, exist_ok=True)
        if old.is_symlink():
            new.symlink_to(old.readlink())
            return
        try:
            os.link(old, new)
        except FileNotFoundError:
            message = f"{old} is not there, though the store's metadata counts on it"
            hint = "restore the file from another copy, or `spikelake store salvage`"
            raise MissingContent(message, hint=hint) from None
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            self.folder.stage(key, [old.read_bytes()])


def _json(document: Document) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"
