"""Append rows to an axis: full shards are written for good, the last one is kept open."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eventstore.axis import Axis
from eventstore.columns import ColumnReader
from eventstore.durable import DurableFolder
from eventstore.encoders import Encoders
from eventstore.files import Files
from eventstore.shards import shard_parts
from eventstore.tail import Tail, TailMark


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A place on an axis to come back to."""

    n_rows: int
    n_sealed: int
    tail: Tail
    in_tail: TailMark


class AxisWriter:
    """The rows of one axis, published or not.

    Args:
        axis: what the columns are and how they are cut.
        folder: where the store is.
        encoders: threads to encode with.
    """

    def __init__(self, axis: Axis, folder: DurableFolder, encoders: Encoders) -> None:
        self.axis = axis
        self._folder = folder
        self._encoders = encoders
        self._n_sealed = 0
        self._first_t: array[int] = array("q")
        self._tail = Tail(axis, encoders)

    @property
    def n_rows(self) -> int:
        """Rows so far, unpublished ones included."""
        return self._n_sealed * self.axis.shard + self._tail.n_rows

    def resume(self, files: Files, n: int, first_t: np.ndarray | None = None) -> None:
        """Take up an axis of ``n`` published rows.

        Args:
            files: where the store is.
            n: its published length.
            first_t: time of the first row of each chunk, where the store has them.

        Raises:
            MissingContent: the last shard is not on this machine; it is needed to go on.
        """
        axis = self.axis
        readers = {name: ColumnReader(files, name, axis=axis, n=n) for name in axis.codecs}
        whole = n // axis.chunk
        self._n_sealed = n // axis.shard
        sealed = self._n_sealed * axis.slots
        if first_t is not None:
            self._first_t.extend(first_t[:sealed].tolist())
        for k in range(sealed, whole):
            chunks = {name: reader.encoded(k) for name, reader in readers.items()}
            self._tail.carry(chunks, 0 if first_t is None else int(first_t[k]))
        rest = {k: np.empty(n - whole * axis.chunk, c.dtype) for k, c in axis.codecs.items()}
        for name, values in rest.items():
            readers[name].read_into(whole * axis.chunk, values)
        self._tail.add(rest)

    def add(self, columns: Mapping[str, np.ndarray]) -> None:
        """Append rows; the arrays are not kept.

        Raises:
            OSError: the disk is full or refuses a full shard; nothing partial is left of it.
        """
        names = self.axis.codecs
        at, n = 0, len(columns[next(iter(names))])
        while at < n:
            if not self._tail.room:
                self._seal()
            take = min(self._tail.room, n - at)
            self._tail.add({name: columns[name][at : at + take] for name in names})
            at += take

    def carry(self, chunks: Mapping[str, bytes], first_t: int = 0) -> None:
        """Append one whole chunk that is encoded already; only where a chunk begins.

        Raises:
            OSError: the disk is full or refuses a full shard; nothing partial is left of it.
        """
        if not self._tail.room:
            self._seal()
        self._tail.carry(chunks, first_t)

    def _seal(self) -> None:
        """Write the full tail as a shard for good and begin the next."""
        self.stage()
        self._folder.settle()
        self._first_t.extend(self._tail.first_t().tolist() if "t" in self.axis.codecs else ())
        self._n_sealed += 1
        self._tail = Tail(self.axis, self._encoders)

    def stage(self) -> None:
        """Stage the open shard as it is now."""
        if self._tail.n_rows:
            for name, chunks in self._tail.shard_chunks().items():
                parts = shard_parts(chunks, self.axis.slots)
                self._folder.stage(self.axis.key(name, self._n_sealed), parts)

    def first_t(self) -> np.ndarray:
        """Return the time of the first row of each chunk."""
        return np.concatenate([np.array(self._first_t, np.int64), self._tail.first_t()])

    def mark(self) -> AxisMark:
        """Remember the present end."""
        return AxisMark(self.n_rows, self._n_sealed, self._tail, self._tail.mark())

    def roll_back(self, mark: AxisMark) -> None:
        """Forget all rows after the mark; shards sealed since are overwritten or dropped later."""
        self._n_sealed, self._tail = mark.n_sealed, mark.tail
        self._tail.cut_back(mark.in_tail)
        del self._first_t[mark.n_sealed * self.axis.slots :]

    def drop_behind(self, n: int) -> None:
        """Delete shards that lie behind ``n`` published rows."""
        for name in self.axis.codecs:
            for shard in (self._folder.root / self.axis.group / name / "c").glob("*"):
                if shard.name.isdigit() and int(shard.name) >= self.axis.n_shards(n):
                    shard.unlink()
