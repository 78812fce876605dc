"""k folds of equal size, for cross-validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from catalog.splits.rules.balancing import deal_samples
from catalog.splits.rules.grouping import groups_of
from catalog.splits.rules.protocol import Sample
from catalog.splits.rules.settings import rule_from_settings, settings_of
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class KFoldRule:
    """Deal whole groups out to ``fold0`` … ``fold<k-1>``, near equal in samples.

    Each fold in turn is the test set and all others the training set: see
    `catalog.splits.split.Split.rounds`. Grow such a split through its parent.

    Args:
        n_folds: how many, k.
        group_by: column of ``recordings.tsv`` that names the group; every recording by itself
            where it is left as it is.
        salt: gives another assignment.
        stratify: spread the samples of each label evenly, not only all of them.

    Raises:
        InvalidInput: fewer than 2 folds.

    Examples:
        >>> samples = [Sample(f"{k}#0-9", "x", {"recording_id": str(k)}) for k in range(4)]
        >>> sorted(KFoldRule(n_folds=2).assign(samples, {}).values())
        ['fold0', 'fold0', 'fold1', 'fold1']
    """

    name: ClassVar[str] = "kfold"
    n_folds: int = 5
    group_by: str = "recording_id"
    salt: str = ""
    stratify: bool = False

    def __post_init__(self) -> None:
        if self.n_folds < 2:
            message = f"{self.n_folds} folds leave nothing to train on"
            raise InvalidInput(message, hint="5 and 10 are usual")

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""
        return settings_of(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> Self:
        """Return the rule that such a record describes."""
        return rule_from_settings(cls, content)

    @property
    def folds(self) -> tuple[str, ...]:
        """Names of the folds."""
        return tuple(f"fold{k}" for k in range(self.n_folds))

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample; samples of one group share theirs."""
        groups = groups_of(samples, self.group_by)
        n_groups = len(set(groups.values()))
        if n_groups < self.n_folds:
            message = f"{n_groups} groups of {self.group_by!r} cannot fill {self.n_folds} folds"
            raise InvalidInput(message, hint="ask for fewer folds, or group by a finer column")
        shares = dict.fromkeys(self.folds, 1 / self.n_folds)
        folds = deal_samples(
            samples,
            frozen,
            shares,
            group_by=self.group_by,
            salt=self.salt,
            stratify=self.stratify,
        )
        return {sample: folds[group] for sample, group in groups.items()}
