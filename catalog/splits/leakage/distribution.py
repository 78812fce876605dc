"""Distribution: whether the folds have the same classes in like shares, and whose are withdrawn."""

from collections.abc import Iterator

import numpy as np

from catalog.splits.leakage.placed import Placed
from catalog.tombstones import said_withdrawn
from eventstore.findings import Finding, Severity

SHIFT = 0.1
"""Total variation distance from the whole split that is worth a warning."""

BEYOND_CHANCE = 3.0
"""It must also be so many times what drawing the fold at random gives."""


def check_labels(placed: Placed) -> list[Finding]:
    """Find folds that lack a class, or whose shares of classes differ from the whole split's.

    Args:
        placed: the samples.
    """
    record = placed.split.record
    names = record.label_names
    counts = np.array([[record.counts[f].get(n, 0) for n in names] for f in placed.folds], float)
    return [*_lacking(placed, counts), *_shifted(placed, counts)]


def _lacking(placed: Placed, counts: np.ndarray) -> Iterator[Finding]:
    names = placed.split.record.label_names
    for fold, row in zip(placed.folds, counts, strict=True):
        lacks = [
            name for name, n, of in zip(names, row, counts.sum(0), strict=True) if of and not n
        ]
        if lacks:
            some = ", ".join(lacks[:5]) + (" …" if len(lacks) > 5 else "")
            yield Finding(
                severity=Severity.WARNING,
                where=f"fold {fold}",
                message=f"lacks {len(lacks):,} of {len(names):,} classes: {some}",
                check="label-missing",
                fix="make a split with --stratify, or say so where results are given",
            )


def _shifted(placed: Placed, counts: np.ndarray) -> Iterator[Finding]:
    total = counts.sum()
    whole = counts.sum(0) / max(total, 1)
    for fold, row in zip(placed.folds, counts, strict=True):
        n = row.sum()
        distance = float(np.abs(row / max(n, 1) - whole).sum() / 2)
        # E|X - np| of a binomial is about √(2 n p (1 - p) / π)
        chance = float(np.sqrt(2 * whole * (1 - whole) / (np.pi * max(n, 1))).sum() / 2)
        if distance > max(SHIFT, BEYOND_CHANCE * chance):
            at = int(np.argmax(np.abs(row / max(n, 1) - whole)))
            name = placed.split.record.label_names[at]
            yield Finding(
                severity=Severity.WARNING,
                where=f"fold {fold}",
                message=f"shares of classes differ by {distance:.0%} from the whole split's, most "
                f"in {name}: {row[at] / n:.1%} of {whole[at]:.1%}",
                check="label-shift",
                fix="make a split with --stratify, or report results by class",
            )


def check_withdrawn(placed: Placed) -> list[Finding]:
    """Find samples of recordings that the column ``withdrawn`` of ``recordings.tsv`` marks."""
    column, gone = "withdrawn", placed.split.withdrawn
    left_out = []
    if gone:
        said = f"{said_withdrawn(gone)} are left out"
        where = f"split {placed.split.name}"
        left_out = [Finding(severity=Severity.INFO, where=where, message=said, check=column)]
    if column not in placed.recordings.columns:
        return left_out
    marked = [at for at, value in enumerate(placed.column(column)) if value]
    if not marked:
        return left_out
    message = f"{len(marked):,} samples are of withdrawn recordings"
    fix = "make another split without them; what was trained on them has to be trained anew"
    where = placed.name(marked[0])
    return [
        *left_out,
        Finding(severity=Severity.ERROR, where=where, message=message, check="withdrawn", fix=fix),
    ]
