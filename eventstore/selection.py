"""Selection: which samples of which store, in order: the catalog makes it, loaders stream it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from jaxtyping import Int64

from eventstore.digest import sha256_text
from eventstore.errors import InvalidInput
from eventstore.store import EventStore


def sample_id(recording_id: str, t_start: int, t_stop: int) -> str:
    """Return the id of a sample: its position in the content, never its row number.

    Examples:
        >>> sample_id("Train/3/00891", 0, 306000)
        'Train/3/00891#0-306000'
    """
    return f"{recording_id}#{t_start}-{t_stop}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Selection:
    """Samples of one store: half-open µs intervals of recordings, each with a label.

    Args:
        store: the open store the recordings lie in.
        recording: row of each sample's recording in the store.
        t_start: first µs of each sample, from the recording's start.
        t_stop: first µs after each sample.
        label: class of each sample, an index into ``label_names``.
        label_names: names of the classes, in order.
        reference: what a user would cite, such as ``nmnist@1.0.0/split:official``; for messages.

    Raises:
        InvalidInput: columns of different lengths, a row outside the store, a label without name.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=3)
        >>> len(selection), len(selection.take([0]))
        (3, 1)
    """

    store: EventStore
    recording: Int64[np.ndarray, " n"]
    t_start: Int64[np.ndarray, " n"]
    t_stop: Int64[np.ndarray, " n"]
    label: Int64[np.ndarray, " n"]
    label_names: tuple[str, ...]
    reference: str = ""

    def __post_init__(self) -> None:
        lengths = {len(c) for c in (self.recording, self.t_start, self.t_stop, self.label)}
        if len(lengths) != 1:
            message = f"selection columns have different lengths: {sorted(lengths)}"
            raise InvalidInput(message)
        if len(self) == 0:
            return
        if self.recording.min() < 0 or self.recording.max() >= self.store.n_recordings:
            last = self.store.n_recordings - 1
            message = f"selection names recording row {self.recording.max()}, the last is {last}"
            raise InvalidInput(message, hint="make the selection from a split of this version")
        if self.label.min() < 0 or self.label.max() >= len(self.label_names):
            names = len(self.label_names)
            message = f"labels run {self.label.min()} … {self.label.max()} for {names} names"
            raise InvalidInput(message, hint="give label_names a name for every label, from 0 on")

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.recording)

    def __repr__(self) -> str:
        """Return how many samples there are, and of what."""
        of = f" of {self.reference}" if self.reference else ""
        return f"<Selection{of}, {len(self):,} samples of {len(self.label_names)} classes>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.selection_panel import selection_html

        return selection_html(self)

    def take(self, rows: Int64[np.ndarray, " m"] | Sequence[int]) -> "Selection":
        """Return the samples at these rows, in the order given."""
        index = np.asarray(rows, np.int64)
        return Selection(
            store=self.store,
            recording=self.recording[index],
            t_start=self.t_start[index],
            t_stop=self.t_stop[index],
            label=self.label[index],
            label_names=self.label_names,
            reference=self.reference,
        )

    def sample_ids(self) -> list[str]:
        """Return the id of each sample."""
        return self.ids_of(np.arange(len(self)))

    def ids_of(self, rows: Int64[np.ndarray, " m"]) -> list[str]:
        """Return the ids of the samples at these rows."""
        ids = self.store.recordings.ids
        columns = (of[rows].tolist() for of in (self.recording, self.t_start, self.t_stop))
        return [sample_id(ids[r], a, b) for r, a, b in zip(*columns, strict=True)]

    def ids_at(self, rows: Int64[np.ndarray, " m"]) -> "SampleIds":
        """Return the ids of the samples at these rows, each written when it is asked for."""
        return SampleIds(self, rows)

    @cached_property
    def digest(self) -> str:
        """Digest over sample ids, label names and the logical digests of the recordings used."""
        digests = self.store.recordings.digests
        rows = [
            f"{sample}\t{self.label_names[label]}\t{digests[r].hex()}"
            for sample, label, r in zip(self.sample_ids(), self.label, self.recording, strict=True)
        ]
        return sha256_text("\n".join(rows))


@dataclass(frozen=True, slots=True, eq=False)
class SampleIds(Sequence[str]):
    """Ids of some samples of a selection; writing them all costs more than most need of them.

    Args:
        selection: the samples.
        rows: which of them.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> ids = selection.ids_at(np.array([3, 1]))
        >>> list(ids) == [selection.sample_ids()[row] for row in (3, 1)]
        True
    """

    selection: Selection
    rows: Int64[np.ndarray, " m"]

    def __len__(self) -> int:
        """Return their number."""
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> "SampleIds": ...

    def __getitem__(self, at: int | slice) -> "str | SampleIds":
        """Return one id, or some."""
        if isinstance(at, slice):
            return SampleIds(self.selection, self.rows[at])
        its, row = self.selection, self.rows[at]
        name = its.store.recordings.ids[its.recording[row]]
        return sample_id(name, int(its.t_start[row]), int(its.t_stop[row]))
