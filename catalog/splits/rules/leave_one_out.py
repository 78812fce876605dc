"""One fold a group, to leave each out in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from catalog.splits.rules.grouping import groups_of
from catalog.splits.rules.protocol import Sample
from catalog.splits.rules.settings import rule_from_settings, settings_of
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOneOutRule:
    """Give each group a fold of its own, by its name: leave one subject (session, speaker) out.

    Each fold in turn is the test set and all others the training set: see
    `catalog.splits.split.Split.rounds`. A dataset may grow without any sample changing folds.

    Args:
        group_by: column of ``recordings.tsv`` that names the group, such as ``"subject"``.

    Examples:
        >>> samples = [Sample(f"{s}#0-9", "x", {"subject": s}) for s in ("ann", "ben")]
        >>> LeaveOneOutRule(group_by="subject").assign(samples, {})
        {'ann#0-9': 'ann', 'ben#0-9': 'ben'}
    """

    name: ClassVar[str] = "leave-one-out"
    group_by: str = "recording_id"

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""
        return settings_of(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> Self:
        """Return the rule that such a record describes."""
        return rule_from_settings(cls, content)

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the group of each sample as its fold."""
        folds = groups_of(samples, self.group_by)
        if len(set(folds.values())) < 2:
            message = f"{len(set(folds.values()))} groups of {self.group_by!r}: nothing to train on"
            raise InvalidInput(message, hint="name a column with two values or more")
        return folds
