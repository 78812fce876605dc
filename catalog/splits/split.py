"""Splits opened for streaming: each fold of a frozen list as a selection of the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from catalog.labels.intervals import Label
from catalog.reference import SHORT_DIGEST, Reference
from catalog.splits.record import SplitRecord, check_split
from catalog.tree import Tree
from eventstore.errors import NotFound
from eventstore.selection import Selection
from eventstore.store import EventStore

FIRST_FOLDS = ("train", "validation", "test")
"""Order in which folds are listed; others follow by name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """A frozen split over the store of one version.

    Args:
        record: how it came about.
        reference: the line that cites it.
        store: the open store of the version.
        samples: its samples in frozen order, with the labels of the version.
        fold_of: fold of each sample.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from catalog.card import Card
        >>> from catalog.dataset import Dataset
        >>> from catalog.splits.rules import OfficialRule
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ds = Dataset.create(folder / "tiny", Card(name="tiny"))
        >>> report = ds.ingest(tiny_folders(folder))
        >>> split = ds.make_split("official", OfficialRule())
        >>> len(split.selection("train")), len(split.selection("test"))
        (4, 2)
    """

    record: SplitRecord
    reference: Reference
    store: EventStore
    samples: tuple[Label, ...]
    fold_of: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the split."""
        return self.record.name

    @property
    def digest(self) -> str:
        """Digest of the split, in hex; checked when it was opened."""
        return self.record.digest

    @property
    def label_names(self) -> tuple[str, ...]:
        """Classes in the order of their indices."""
        return self.record.label_names

    @cached_property
    def folds(self) -> dict[str, Selection]:
        """The samples of each fold."""
        return {fold: self._select(fold) for fold in fold_order(self.fold_of)}

    def selection(self, fold: str) -> Selection:
        """Return the samples of one fold, in frozen order.

        Raises:
            NotFound: there is no such fold.
        """
        if fold not in self.folds:
            what = f"fold in split {self.name!r}:"
            raise NotFound.among(what, fold, self.folds)
        return self.folds[fold]

    def _select(self, fold: str) -> Selection:
        index = {name: i for i, name in enumerate(self.label_names)}
        pairs = zip(self.samples, self.fold_of, strict=True)
        rows = [
            (self._rows[s.recording_id], s.t_start_us, s.t_stop_us, index[s.label])
            for s, its in pairs
            if its == fold
        ]
        columns = np.array(rows, np.int64).reshape(-1, 4).T.copy()
        return Selection(
            store=self.store,
            recording=columns[0],
            t_start=columns[1],
            t_stop=columns[2],
            label=columns[3],
            label_names=self.label_names,
            reference=str(self.reference),
        )

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.store.recordings.ids)}


def fold_order(folds: Iterable[str]) -> list[str]:
    """Return the names of folds: train, validation, test, then the others by name."""
    found = set(folds)
    first = [fold for fold in FIRST_FOLDS if fold in found]
    return first + sorted(found - set(first))


def open_split(tree: Tree, name: str, store: EventStore, reference: Reference) -> Split:
    """Open a split over a store, checking its digest.

    Args:
        tree: the state of the dataset.
        name: name of the split.
        store: the open store of that state.
        reference: the version, to cite the split by.

    Raises:
        NotFound: there is no such split.
        IntegrityError: it is not what it was frozen as.
    """
    digests = store_digests(store)
    checked = check_split(tree, name, digests)
    cited = Reference(
        name=reference.name,
        version=reference.version,
        split=name,
        digest=checked.record.digest[:SHORT_DIGEST],
    )
    return Split(
        record=checked.record,
        reference=cited,
        store=store,
        samples=tuple(checked.labels[sample] for sample in checked.folds),
        fold_of=tuple(checked.folds.values()),
    )


def store_digests(store: EventStore) -> dict[str, str]:
    """Return the logical digest of each recording of a store, in hex."""
    table = store.recordings
    return {name: sha.hex() for name, sha in zip(table.ids, table.digests, strict=True)}
