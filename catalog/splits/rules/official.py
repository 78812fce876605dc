"""The official folds: those that the archives of a dataset come in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from catalog.splits.rules.grouping import column_of, some
from catalog.splits.rules.protocol import Sample
from catalog.splits.rules.settings import rule_from_settings, settings_of
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialRule:
    """Take the folds that the archives of the dataset come in.

    Args:
        column: column of ``recordings.tsv`` that names the fold.
        expected: how many samples each fold must have; unchecked where empty.

    Examples:
        >>> rule = OfficialRule()
        >>> rule.assign([Sample("a#0-9", "cat", {"recording_id": "a", "fold": "train"})], {})
        {'a#0-9': 'train'}
    """

    name: ClassVar[str] = "official"
    column: str = "fold"
    expected: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""
        return settings_of(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> Self:
        """Return the rule that such a record describes."""
        return rule_from_settings(cls, content)

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample, refusing samples without one."""
        folds = {s.sample_id: column_of(s, self.column) for s in samples}
        without = sorted(sample for sample, fold in folds.items() if not fold)
        if without:
            message = f"{len(without)} of {len(folds)} samples have no fold: {some(without)}"
            hint = f"fill the column {self.column!r} of recordings.tsv, or use a GroupRule"
            raise InvalidInput(message, hint=hint)
        found = dict(Counter(folds.values()))
        if self.expected and found != dict(self.expected):
            message = f"the official split has {dict(self.expected)} samples, found {found}"
            raise InvalidInput(message, hint="ingest the missing archives, then try again")
        return folds
