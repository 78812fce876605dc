"""The version number that a draft demands, after what changed since the version before it."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.diff.bump import Bump, is_enough, next_version
from catalog.diff.change import Diff
from catalog.diff.compare import diff_trees
from catalog.repo import Repo
from catalog.tree import SavedTree, WorkTree, map_path
from catalog.versions import Version, latest, parse_version
from eventstore.errors import AlreadyExists, Conflict

FIRST = "1.0.0"
"""Number of a dataset's first version, unless another is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What changed since a version, and the number that follows from it.

    Args:
        base: the version that the draft is compared with; None where there is none.
        diff: what changed since; None where there is no such version.
    """

    base: str | None
    diff: Diff | None

    @property
    def bump(self) -> Bump:
        """What the changes ask for."""
        return self.diff.bump if self.diff else Bump.NONE

    def number(self, bump: Bump = Bump.NONE) -> str:
        """Return the lowest number that tells of the changes, and of ``bump`` at least.

        Raises:
            AlreadyExists: nothing changed, and no bump is asked for.
        """
        if self.base is None:
            return FIRST
        if not self.bump and not bump:
            message = f"nothing has changed since version {self.base}"
            hint = f"--bump patch, or the number {next_version(self.base, Bump.PATCH)}, saves it"
            raise AlreadyExists(message, hint=hint + " all the same")
        return next_version(self.base, max(self.bump, bump))

    def check(self, version: str) -> None:
        """Refuse a number that tells of less than what changed.

        Raises:
            Conflict: the changes ask for a higher one; says which changes, and which number.
        """
        if self.base is None or self.diff is None or is_enough(version, self.base, self.bump):
            return
        enough = next_version(self.base, self.bump)
        message = (
            f"version {version} says too little of what changed since {self.base}: "
            f"a {self.bump.text} change asks for {enough} ({self.diff.examples()})"
        )
        hint = f"save it as {enough}; --force-version keeps {version} if that is truly wanted"
        raise Conflict(message, hint=hint)


def propose(repo: Repo, past: Sequence[Version], version: str | None = None) -> Proposal:
    """Compare the work tree with the version it follows.

    Args:
        repo: the dataset's repository.
        past: its saved versions.
        version: the number it is to have; it follows the highest one below. The highest of all
            where None.

    Raises:
        IntegrityError: the version before does not hold what it recorded.
    """
    below = [v for v in past if not version or parse_version(v.version) < parse_version(version)]
    base = latest(below)
    if base is None:
        return Proposal(base=None, diff=None)
    commit = repo.commit_adding(map_path(base.version)) or repo.commit(base.version)
    before = SavedTree(repo, base, commit)
    return Proposal(base=base.version, diff=diff_trees(before, WorkTree(repo.root)))
