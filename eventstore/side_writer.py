"""Append the side streams of recordings: each kind end to end on an axis of its own."""

import shutil
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from eventstore.axis_writer import AxisMark, AxisWriter
from eventstore.digest import SideDigest
from eventstore.durable import DurableFolder
from eventstore.encoders import Encoders
from eventstore.errors import InvalidInput
from eventstore.files import Files
from eventstore.schema import Head, Layout
from eventstore.side import PIXELS, SIDE_COLUMNS, SideTable, side_columns
from eventstore.tables import read_rows, stage_rows


@dataclass(frozen=True, slots=True)
class SideMark:
    """A place in all side streams to come back to; kinds that came later are forgotten."""

    axes: Mapping[str, AxisMark]


class SideWriter:
    """The side streams of all recordings, published or not.

    Args:
        layout: how the store is cut.
        folder: where it is.
        encoders: threads to encode with.
    """

    def __init__(self, layout: Layout, folder: DurableFolder, encoders: Encoders) -> None:
        self._layout = layout
        self._folder = folder
        self._encoders = encoders
        self._axes: dict[str, AxisWriter] = {}
        self._starts: dict[str, array[int]] = {}

    def resume(self, files: Files, head: Head) -> None:
        """Take up the published side streams.

        Raises:
            MissingContent: a last shard is not on this machine; it is needed to go on.
        """
        rows, n = head.layout.table_rows, head.n_recordings
        for kind in head.side_kinds():
            offsets = read_rows(files, f"side/{kind}/offsets", "int64", (n + 1,), rows)
            self._starts[kind] = array("q", offsets[:-1].tolist())
            self._open(kind)
        for name, axis in self._axes.items():
            axis.resume(files, head.length(name))

    def _open(self, kind: str) -> None:
        for name, axis in self._layout.side_axes(kind).items():
            self._axes[name] = AxisWriter(axis, self._folder, self._encoders)

    def lengths(self) -> dict[str, int]:
        """Return the rows so far of each kind that there is, and the bytes of pixels."""
        return {name: axis.n_rows for name, axis in sorted(self._axes.items())}

    def take(self, side: Mapping[str, Iterable[SideTable]], t_origin_us: int) -> bytes:
        """Append one recording's side streams and return their digest.

        Args:
            side: its tables by kind, times as the source states them.
            t_origin_us: the source's own stamp of the recording's start.

        Raises:
            InvalidInput: a table of another kind than its name says.
            NotFound: there is no such kind.
        """
        digest = SideDigest()
        for kind, tables in side.items():
            side_columns(kind)
            for table in tables:
                if table.kind != kind:
                    message = f"a table of {table.kind} among the {kind}"
                    raise InvalidInput(message, hint="name each stream by its tables' kind")
                if len(table):
                    shifted = table.shifted(-t_origin_us)
                    digest.update(shifted)
                    self._add(shifted)
        return digest.digest()

    def _add(self, table: SideTable) -> None:
        if table.kind not in self._axes:
            self._open(table.kind)
        columns = dict(table.columns)
        if PIXELS in columns:
            pixels = self._axes[PIXELS]
            columns["start"] = columns["start"] + np.int64(pixels.n_rows)
            pixels.add({PIXELS: columns.pop(PIXELS)})
        self._axes[table.kind].add(columns)

    def end_recording(self, n_recordings: int, mark: SideMark) -> None:
        """Note where a recording's rows begin.

        Args:
            n_recordings: recordings before it.
            mark: the mark made at its beginning.
        """
        for kind in self.lengths():
            if kind != PIXELS:
                starts = self._starts.setdefault(kind, array("q", bytes(8 * n_recordings)))
                starts.append(mark.axes[kind].n_rows if kind in mark.axes else 0)

    def stage(self, before: Head, n_recordings: int) -> None:
        """Stage the open shards, and the offsets from the published recordings on."""
        for axis in self._axes.values():
            axis.stage()
        rows = self._layout.table_rows
        for kind, starts in self._starts.items():
            first = (before.n_recordings if kind in before.side else 0) // rows * rows
            ends = [self._axes[kind].n_rows]
            offsets = np.append(np.array(starts[first:n_recordings], np.int64), ends)
            stage_rows(self._folder, f"side/{kind}/offsets", offsets, first=first, rows=rows)

    def mark(self) -> SideMark:
        """Remember the present end."""
        return SideMark({name: axis.mark() for name, axis in self._axes.items()})

    def roll_back(self, mark: SideMark) -> None:
        """Forget all rows after the mark."""
        self._axes = {name: axis for name, axis in self._axes.items() if name in mark.axes}
        for name, axis in self._axes.items():
            axis.roll_back(mark.axes[name])

    def drop_behind(self, head: Head) -> None:
        """Delete what lies behind a published state: shards, and kinds that it has not."""
        kinds = head.side_kinds()
        for kind in SIDE_COLUMNS:
            if kind not in kinds:
                shutil.rmtree(self._folder.root / "side" / kind, ignore_errors=True)
        if not kinds:
            shutil.rmtree(self._folder.root / "side", ignore_errors=True)
        for name, axis in self._axes.items():
            axis.drop_behind(head.length(name))
