"""Deal whole groups out to folds so that each comes near its share of the samples."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from catalog.splits.rules.grouping import groups_of, kept_groups
from catalog.splits.rules.hashing import unit_hash
from catalog.splits.rules.protocol import Sample

Sizes: TypeAlias = Mapping[str, Mapping[str, int]]
"""How many samples of each label each group has."""

ANY = ""
"""Stands for all labels where they do not matter."""


def dealt(
    sizes: Sizes, fractions: Mapping[str, float], kept: Mapping[str, str], *, salt: str
) -> dict[str, str]:
    """Return the fold of each group; those in ``kept`` stay where they are.

    Groups come in order of size, the largest first, so that small ones even out what is left; the
    hash breaks ties. Each goes where its samples are wanted most, counted label by label. As many
    groups as there are empty folds are kept back for these, so that no fold stays empty that could
    have a group.

    Args:
        sizes: samples of each group, by label; one label where labels do not matter.
        fractions: share of the samples of each fold.
        kept: folds of groups that were dealt before.
        salt: gives another answer among equals.

    Examples:
        >>> sizes = {"a": {"": 5}, "b": {"": 4}, "c": {"": 1}}
        >>> dealt(sizes, {"train": 0.5, "test": 0.5}, {}, salt="")
        {'a': 'train', 'b': 'test', 'c': 'test'}
    """
    table = _Table(sizes, fractions)
    for group, fold in kept.items():
        if fold in fractions:
            table.give(group, fold)

    def by_size(group: str) -> tuple[int, float]:
        return -sum(sizes[group].values()), unit_hash(salt, group)

    folds = dict(kept)
    waiting = sorted(set(sizes) - set(kept), key=by_size)
    empty = [fold for fold in fractions if fold not in kept.values()]
    for at, group in enumerate(waiting):
        open_to = empty if len(waiting) - at <= len(empty) else fractions
        fold = max(open_to, key=lambda f: (table.want(group, f), f))
        folds[group] = fold
        table.give(group, fold)
        if fold in empty:
            empty.remove(fold)
    return folds


class _Table:
    """How many samples of each label each fold still wants."""

    def __init__(self, sizes: Sizes, fractions: Mapping[str, float]) -> None:
        self._sizes, self._fractions = sizes, fractions
        self._totals: Counter[str] = Counter()
        for of_group in sizes.values():
            self._totals.update(of_group)
        self._held: dict[str, Counter[str]] = {fold: Counter() for fold in fractions}

    def want(self, group: str, fold: str) -> float:
        """Return how much the fold wants the group: the room it has for each of its labels.

        A label counts by the share of all its samples, so that rare ones matter as much.
        """
        share, held, totals = self._fractions[fold], self._held[fold], self._totals
        return sum(
            n * (share * totals[x] - held[x]) / totals[x] for x, n in self._sizes[group].items()
        )

    def give(self, group: str, fold: str) -> None:
        """Count a group as the fold's."""
        self._held[fold].update(self._sizes[group])


def deal_samples(
    samples: Sequence[Sample],
    frozen: Mapping[str, str],
    fractions: Mapping[str, float],
    *,
    group_by: str,
    salt: str,
    stratify: bool = False,
) -> dict[str, str]:
    """Return the fold of each group of samples.

    Args:
        samples: all samples.
        frozen: folds of samples that an earlier split gave.
        fractions: share of the samples of each fold.
        group_by: column of ``recordings.tsv`` that names the group.
        salt: gives another answer among equals.
        stratify: meet the shares of each label, not only of all samples together.

    Raises:
        InvalidInput: some recordings have no group.
        Conflict: the earlier split tore a group apart.
    """
    groups = groups_of(samples, group_by)
    sizes: dict[str, Counter[str]] = {}
    for sample in samples:
        of_group = sizes.setdefault(groups[sample.sample_id], Counter())
        of_group[sample.label if stratify else ANY] += 1
    return dealt(sizes, fractions, kept_groups(groups, frozen), salt=salt)
