"""Groups: whether a person, a session or a parent of samples is in more than one fold."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from catalog.curator_columns import PERSONS, plain_name
from catalog.splits.leakage.placed import Placed
from catalog.splits.rules.grouping import FILL
from eventstore.errors import NotFound
from eventstore.findings import Finding, Severity

SESSIONS = ("session", "sequence", "scene", "take", "drive")
PARENTS = ("parent", "parent_sample", "parent_image", "parent_recording", "source_image")

MOST_NAMED = 5


def guess_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns of ``recordings.tsv`` that name persons, sessions or parents.

    Examples:
        >>> guess_columns(["recording_id", "speaker", "Session_ID", "lens"])
        ['speaker', 'Session_ID']
    """
    known = {*PERSONS, *SESSIONS, *PARENTS}
    return [name for name in columns if plain_name(name) in known]


def check_groups(placed: Placed, group_by: Sequence[str], guessed: Sequence[str]) -> list[Finding]:
    """Find groups that are in more than one fold, and folds of a single person.

    Args:
        placed: the samples.
        group_by: columns whose groups must be in one fold each: an error where one is not.
        guessed: further columns that seem to name groups: a warning, and for parents an error,
            since a copy of one picture is in both folds then.

    Raises:
        NotFound: ``recordings.tsv`` has no such column.
    """
    findings: list[Finding] = []
    for column in dict.fromkeys((*group_by, *guessed)):
        if column not in placed.recordings.columns:
            what = "column of recordings.tsv"
            hint = FILL.format(column=column)
            raise NotFound.among(what, column, placed.recordings.columns, hint=hint)
        folds_of = _folds_of(placed, column)
        asked = column in group_by
        findings += _overlaps(placed, column, folds_of, asked=asked)
        if plain_name(column) in PERSONS:
            findings += _single(placed, column, folds_of)
        findings += _unnamed(placed, column)
    return findings


def count_groups(placed: Placed, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how many groups of each column each fold has, by fold and column."""
    counts: dict[str, dict[str, int]] = {fold: {} for fold in placed.folds}
    for column in columns:
        folds_of = _folds_of(placed, column)
        for fold in placed.folds:
            counts[fold][column] = sum(fold in of for of in folds_of.values())
    return counts


def _folds_of(placed: Placed, column: str) -> dict[str, Counter[str]]:
    """Return how many samples each group has in each fold; no group where the cell is empty."""
    folds_of: dict[str, Counter[str]] = {}
    for group, fold in zip(placed.column(column), placed.split.fold_of, strict=True):
        if group:
            folds_of.setdefault(group, Counter())[fold] += 1
    return folds_of


def _overlaps(
    placed: Placed, column: str, folds_of: Mapping[str, Counter[str]], *, asked: bool
) -> Iterator[Finding]:
    check = "parent" if plain_name(column) in PARENTS else "group"
    check = "session" if plain_name(column) in SESSIONS else check
    severe = asked or check == "parent"
    for group, counts in sorted(folds_of.items()):
        if len(counts) > 1:
            spread = ", ".join(f"{counts[f]:,} in {f}" for f in placed.folds if f in counts)
            fix = f"make another split: --rule group --group-by {column}"
            if not severe:
                fix += f"; or check with --group-by {column} to make this an error"
            yield Finding(
                severity=Severity.ERROR if severe else Severity.WARNING,
                where=f"{column} {group}",
                message=f"{column} is in more than one fold ({spread} samples)",
                check=check,
                fix=fix,
            )


def _single(placed: Placed, column: str, folds_of: Mapping[str, Counter[str]]) -> Iterator[Finding]:
    for fold in placed.folds:
        groups = [group for group, counts in folds_of.items() if fold in counts]
        if len(groups) == 1 and len(folds_of) > 1:
            yield Finding(
                severity=Severity.WARNING,
                where=f"fold {fold}",
                message=f"has one {column} alone, {groups[0]}: it tells little of others",
                check="group-count",
                fix=f"give it more: --rule group --group-by {column} --balanced, or cross-validate",
            )


def _unnamed(placed: Placed, column: str) -> Iterator[Finding]:
    without = [at for at, group in enumerate(placed.column(column)) if not group]
    if without and len(without) < len(placed.split.samples):
        yield Finding(
            severity=Severity.WARNING,
            where=placed.name(without[0]),
            message=f"{len(without):,} samples have no {column}, so no overlap of theirs is seen",
            check="group-unnamed",
            fix=f"fill the column {column} of recordings.tsv",
        )
