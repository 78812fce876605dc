"""Rules that assign samples to folds: each proposes once, the frozen list counts afterwards.

Hashes are sha256 of text, spelled out here: never a library's random stream, never row order,
never Python's ``hash``, so that a rule gives the same folds on any machine in any year.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

from eventstore.errors import InvalidInput

SMALL_N = 100
"""Below so many groups hashing misses its fractions: 12 groups leave a fold of 15 % empty for 17 %
of all salts, 29 groups scatter between 0 and 34 %."""


class Sample(NamedTuple):
    """What a rule may look at."""

    sample_id: str
    label: str
    recording: Mapping[str, str]
    """Row of the recording in ``recordings.tsv``, by column."""


@runtime_checkable
class Rule(Protocol):
    """Assigns samples to folds."""

    name: ClassVar[str]

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample.

        Args:
            samples: all samples of the label set.
            frozen: folds that an earlier split gave; samples in it keep theirs.

        Raises:
            InvalidInput: the rule cannot be carried out on these samples.
        """


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
        return {"name": self.name, "column": self.column, "expected": dict(self.expected)}

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample, refusing samples without one."""
        folds = {s.sample_id: _column(s, self.column) for s in samples}
        without = sorted(sample for sample, fold in folds.items() if not fold)
        if without:
            message = f"{len(without)} of {len(folds)} samples have no fold: {_some(without)}"
            hint = f"fill the column {self.column!r} of recordings.tsv, or use a GroupRule"
            raise InvalidInput(message, hint=hint)
        found = dict(Counter(folds.values()))
        if self.expected and found != dict(self.expected):
            message = f"the official split has {dict(self.expected)} samples, found {found}"
            raise InvalidInput(message, hint="ingest the missing archives, then try again")
        return folds


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """Assign whole groups to folds by hash, or balanced where there are few groups.

    By hash a group's fold depends on nothing but the salt and its name, so a dataset may grow
    without any sample changing folds. ``balanced`` walks the groups in order of their hash and
    gives each to the fold furthest below its share of samples.

    Args:
        group_by: column of ``recordings.tsv`` that names the group, such as ``"speaker"``.
        fractions: share of the groups (balanced: of the samples) per fold; they sum to 1.
        salt: gives another assignment.
        balanced: meet the fractions with few groups; grow such a split through its parent.

    Raises:
        InvalidInput: the fractions do not sum to 1, or one is negative.

    Examples:
        >>> rule = GroupRule(group_by="speaker", fractions={"train": 0.5, "test": 0.5})
        >>> rule.fold("george"), rule.fold("george")
        ('test', 'test')
    """

    name: ClassVar[str] = "group"
    group_by: str = "recording_id"
    fractions: Mapping[str, float] = field(default_factory=lambda: {"train": 0.8, "test": 0.2})
    salt: str = ""
    balanced: bool = False

    def __post_init__(self) -> None:
        shares = list(self.fractions.values())
        if not shares or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
            message = f"fractions {dict(self.fractions)} are not shares of a whole"
            raise InvalidInput(message, hint='for example {"train": 0.8, "test": 0.2}')

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""
        return {
            "name": self.name,
            "group_by": self.group_by,
            "fractions": dict(self.fractions),
            "salt": self.salt,
            "balanced": self.balanced,
        }

    def fold(self, group: str) -> str:
        """Return the fold that a group's hash falls into."""
        position, passed = unit_hash(self.salt, group), 0.0
        for fold, share in self.fractions.items():
            passed += share
            if position < passed:
                return fold
        return list(self.fractions)[-1]

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample; samples of one group share theirs."""
        groups = {s.sample_id: _column(s, self.group_by) for s in samples}
        sizes = Counter(groups.values())
        if not self.balanced:
            folds = {group: self.fold(group) for group in sizes}
        else:
            kept = {groups[s]: fold for s, fold in frozen.items() if s in groups}
            folds = self._balance(sizes, kept)
        empty = sorted(set(self.fractions) - set(folds.values()))
        if empty:
            message = f"{len(sizes)} groups of {self.group_by!r} leave fold {_some(empty)} empty"
            hint = f"use --balanced (balanced=True), as for all splits under {SMALL_N} groups"
            raise InvalidInput(message, hint="add groups" if self.balanced else hint)
        return {sample: folds[group] for sample, group in groups.items()}

    def _balance(self, sizes: Mapping[str, int], kept: Mapping[str, str]) -> dict[str, str]:
        folds = dict(kept)
        total = sum(sizes.values())
        held = Counter(dict.fromkeys(self.fractions, 0))
        for group, fold in kept.items():
            held[fold] += sizes[group]

        def by_size(group: str) -> tuple[int, float]:
            # Large groups first leaves small ones to even out what is left; the hash breaks ties.
            return -sizes[group], unit_hash(self.salt, group)

        for group in sorted(set(sizes) - set(kept), key=by_size):
            fold = max(self.fractions, key=lambda f: (self.fractions[f] * total - held[f], f))
            folds[group] = fold
            held[fold] += sizes[group]
        return folds


def unit_hash(salt: str, name: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the two texts.

    The first 64 bits of sha256 over ``salt``, a tab and ``name``, in UTF-8.

    Examples:
        >>> round(unit_hash("", "a"), 6) == round(unit_hash("", "a"), 6)
        True
    """
    digest = hashlib.sha256(f"{salt}\t{name}".encode()).digest()
    # 53 bits are what a float holds: rounding 64 bits could give 1.0 itself.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def _column(sample: Sample, column: str) -> str:
    if column not in sample.recording:
        known = ", ".join(sample.recording)
        message = f"recordings.tsv has no column {column!r} (known: {known})"
        raise InvalidInput(message, hint="add it with Dataset.set_column(name, values)")
    return sample.recording[column]


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
