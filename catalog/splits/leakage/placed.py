"""The samples of a split with all that the checks of leakage look at, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int32, Int64

from catalog.recording_table import by_column
from catalog.splits.split import Split, fold_order
from catalog.tsv import Table
from eventstore.store import EventStore


@dataclass(frozen=True, kw_only=True, eq=False)
class Placed:
    """The samples of a split, in frozen order.

    Args:
        split: the split.
        recordings: ``recordings.tsv`` of its version.
    """

    split: Split
    recordings: Table

    @property
    def store(self) -> EventStore:
        """The store that the samples lie in."""
        return self.split.store

    @cached_property
    def folds(self) -> list[str]:
        """Names of the folds."""
        return fold_order(self.split.fold_of)

    @cached_property
    def fold(self) -> Int32[np.ndarray, " n"]:
        """Fold of each sample, an index into `folds`."""
        code = {name: i for i, name in enumerate(self.folds)}
        return np.array([code[name] for name in self.split.fold_of], np.int32)

    @cached_property
    def recording(self) -> Int64[np.ndarray, " n"]:
        """Row of each sample's recording in the store."""
        row = {name: i for i, name in enumerate(self.store.recordings.ids)}
        return np.array([row[s.recording_id] for s in self.split.samples], np.int64)

    @cached_property
    def t_start(self) -> Int64[np.ndarray, " n"]:
        """First µs of each sample."""
        return np.array([s.t_start_us for s in self.split.samples], np.int64)

    @cached_property
    def t_stop(self) -> Int64[np.ndarray, " n"]:
        """The µs after the last of each sample."""
        return np.array([s.t_stop_us for s in self.split.samples], np.int64)

    @cached_property
    def rows(self) -> dict[str, Mapping[str, str]]:
        """Row of ``recordings.tsv`` by recording."""
        return {row["recording_id"]: row for row in by_column(self.recordings)}

    def column(self, name: str) -> list[str]:
        """Return the value that each sample's recording has in a column of ``recordings.tsv``."""
        values = dict(
            zip(self.recordings.column("recording_id"), self.recordings.column(name), strict=True)
        )
        return [values[s.recording_id] for s in self.split.samples]

    def name(self, sample: int) -> str:
        """Return what findings call a sample: its id and its fold."""
        return f"{self.split.samples[sample].sample_id} ({self.split.fold_of[sample]})"

    def pair(self, a: int, b: int) -> str:
        """Return what findings call two samples."""
        return f"{self.name(a)} and {self.name(b)}"
