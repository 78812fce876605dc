"""One change between two states of a dataset, and all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from catalog.diff.bump import Bump


class How(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is other than before.

    Args:
        what: kind of thing: ``recording``, ``label``, ``label set``, ``split``, ``split row``,
            ``task``, ``card``, ``column``, ``store`` or ``file``.
        name: the thing: recording id, sample id, name, card field, or path.
        how: what became of it.
        bump: what it asks of the version number.
        of: the label set, split or table that a row or column stands in.
        before: what it was, in short; the old name of what was renamed.
        after: what it is.
    """

    what: str
    name: str
    how: How
    bump: Bump
    of: str = ""
    before: str = ""
    after: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return plain values, for JSON."""
        return {
            "what": self.what,
            "of": self.of,
            "name": self.name,
            "how": self.how.value,
            "before": self.before,
            "after": self.after,
            "bump": self.bump.text,
        }

    def __str__(self) -> str:
        """Return the change as a sentence says it."""
        turned = (
            f": {self.before or '–'} → {self.after or '–'}" if self.before or self.after else ""
        )
        where = f" of {self.of}" if self.of else ""
        return f"{self.what} {self.name}{where} {self.how.value}{turned}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """All that changed from one state to another.

    Args:
        before: what messages call the first state.
        after: what they call the second.
        changes: the changes, those that ask for most first.

    Examples:
        >>> added = Change(what="recording", name="a", how=How.ADDED, bump=Bump.MINOR)
        >>> diff = Diff.of("1.0.0", "draft", [added])
        >>> diff.bump.text, diff.counts()
        ('minor', {('recording', 'added'): 1})
    """

    before: str
    after: str
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, before: str, after: str, changes: Iterable[Change]) -> "Diff":
        """Order changes: the greatest first, those of one kind together as they were found."""
        found = sorted(changes, key=lambda change: -change.bump)
        return cls(before=before, after=after, changes=tuple(found))

    @property
    def bump(self) -> Bump:
        """What the changes together ask of the version number."""
        return max((change.bump for change in self.changes), default=Bump.NONE)

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many things of each kind were added, removed, changed and renamed."""
        counts: dict[tuple[str, str], int] = {}
        for change in self.changes:
            key = change.what, change.how.value
            counts[key] = counts.get(key, 0) + 1
        return counts

    def examples(self, count: int = 3) -> str:
        """Return the first changes that ask for most, as a message names them."""
        most = [change for change in self.changes if change.bump is self.bump]
        more = f" and {len(most) - count:,} more" if len(most) > count else ""
        return "; ".join(str(change) for change in most[:count]) + more
