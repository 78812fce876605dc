"""Splits opened for streaming: each fold of a frozen list as a selection of the store."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from catalog.labels.intervals import Label
from catalog.reference import SHORT_DIGEST, Reference
from catalog.splits.record import SplitRecord, check_split
from catalog.tree import Tree
from eventstore.errors import InvalidInput, NotFound
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
        withdrawn: samples that were frozen in it and taken back since; they are in no selection.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> len(split.selection("train")), len(split.selection("test"))
        (4, 2)
    """

    record: SplitRecord
    reference: Reference
    store: EventStore
    samples: tuple[Label, ...]
    fold_of: tuple[str, ...]
    withdrawn: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the reference and the size of each fold."""
        sizes = {fold: sum(of.values()) for fold, of in self.record.counts.items()}
        folds = ", ".join(f"{fold} {n:,}" for fold, n in sizes.items())
        return f"<Split {self.reference}, {folds}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from catalog.notebook.split_panel import split_html

        return split_html(self)

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
        return {fold: self.selection(fold) for fold in self._fold_names}

    def selection(self, fold: str, *more: str) -> Selection:
        """Return the samples of one fold, or of several joined, in frozen order.

        Raises:
            NotFound: there is no such fold.
        """
        code_of = {name: code for code, name in enumerate(self._fold_names)}
        codes = []
        for name in (fold, *more):
            if name not in code_of:
                what = f"fold in split {self.name!r}:"
                raise NotFound.among(what, name, self._fold_names)
            codes.append(code_of[name])
        return self._select(np.flatnonzero(np.isin(self._fold_codes, codes)))

    def rounds(self) -> Iterator["Round"]:
        """Yield the rounds of a cross-validation: each fold in turn is the test set.

        Raises:
            InvalidInput: there is one fold alone.

        Examples:
            >>> from catalog.splits.rules import KFoldRule
            >>> from catalog.testing import tiny_dataset
            >>> ds = tiny_dataset()
            >>> split = ds.make_split("thirds", KFoldRule(n_folds=3))
            >>> [(r.name, len(r.train), len(r.test)) for r in split.rounds()]
            [('fold0', 4, 2), ('fold1', 4, 2), ('fold2', 4, 2)]
        """
        for fold in self._fold_names:
            yield self.round(fold)

    def round(self, fold: str) -> "Round":
        """Return the round of a cross-validation that tests on one fold and trains on the others.

        Raises:
            NotFound: there is no such fold.
            InvalidInput: there is no other.
        """
        test = self.selection(fold)
        others = self._fold_codes != self._fold_names.index(fold)
        if not others.any():
            message = f"split {self.name!r} has one fold, {fold!r}: nothing to train on"
            raise InvalidInput(message, hint="make a split by the rule kfold or leave-one-out")
        return Round(fold, self._select(np.flatnonzero(others)), test)

    def _select(self, rows: Int64[np.ndarray, " n"]) -> Selection:
        columns = self._columns[:, rows]
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
    def _fold_names(self) -> list[str]:
        # A fold whose samples were all withdrawn is still one, and empty.
        frozen = self.record.counts if self.withdrawn else ()
        return fold_order([*self.fold_of, *frozen])

    @cached_property
    def _fold_codes(self) -> Int64[np.ndarray, " n"]:
        """The fold of each sample, as an index into the names."""
        code = {name: i for i, name in enumerate(self._fold_names)}
        return np.array([code[fold] for fold in self.fold_of], np.int64)

    @cached_property
    def _columns(self) -> Int64[np.ndarray, "4 n"]:
        """Row in the store, first µs, first µs after, and label of each sample."""
        index = {name: i for i, name in enumerate(self.label_names)}
        row = {name: i for i, name in enumerate(self.store.recordings.ids)}
        rows = [
            (row[s.recording_id], s.t_start_us, s.t_stop_us, index[s.label]) for s in self.samples
        ]
        return np.array(rows, np.int64).reshape(-1, 4).T.copy()


class Round(NamedTuple):
    """One round of a cross-validation."""

    name: str
    """The fold tested on."""
    train: Selection
    """All other folds, joined in frozen order."""
    test: Selection


def fold_order(folds: Iterable[str]) -> list[str]:
    """Return the names of folds: train, validation, test, then the others, numbers by value.

    Examples:
        >>> fold_order({"fold10", "test", "fold9", "train"})
        ['train', 'test', 'fold9', 'fold10']
    """
    found = set(folds)
    first = [fold for fold in FIRST_FOLDS if fold in found]
    return first + sorted(found - set(first), key=_by_number)


def _by_number(name: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p], name


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
        withdrawn=checked.withdrawn,
    )


def store_digests(store: EventStore) -> dict[str, str]:
    """Return the logical digest of each recording of a store, in hex."""
    table = store.recordings
    return {name: sha.hex() for name, sha in zip(table.ids, table.digests, strict=True)}
