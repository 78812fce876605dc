"""Check a split for leakage: run every check, and put what they find into one report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.splits.leakage.distribution import check_labels, check_withdrawn
from catalog.splits.leakage.groups import check_groups, count_groups, guess_columns
from catalog.splits.leakage.intervals import check_intervals
from catalog.splits.leakage.near_duplicates import (
    THRESHOLDS,
    NearDuplicate,
    Search,
    find_near_duplicates,
)
from catalog.splits.leakage.placed import Placed
from catalog.splits.leakage.report import LeakageReport
from catalog.splits.leakage.sample_events import Progress, find_rows
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion


def check_split_leakage(
    version: "DatasetVersion",
    name: str,
    *,
    group_by: Sequence[str] | None = None,
    embargo_us: int | None = None,
    near_duplicates: bool = True,
    threshold: float | None = None,
    progress: Progress | None = None,
) -> LeakageReport:
    """Check whether something of one fold of a split is also, or nearly, in another.

    Args:
        version: the version, or the work tree, that has the split.
        name: name of the split.
        group_by: columns of ``recordings.tsv`` whose groups must be in one fold each; where None
            that which the split's own rule groups by. Columns that seem to name persons, sessions
            or parents are looked at as well.
        embargo_us: smallest gap that folds must keep in a recording; that of the rule where None.
        near_duplicates: search for altered copies, which reads all events once.
        threshold: share of events beyond chance from which two samples are copies; 0.5 for
            cameras, 0.75 for sound where None.
        progress: told (samples done, in all, events) while events are read and compared.

    Raises:
        NotFound: there is no such split or column.
        IntegrityError: the split is not what it was frozen as.
        InvalidInput: the threshold is not within 0 and 1, or the embargo is negative.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> check_split_leakage(ds.draft(), "official").count(Severity.ERROR)
        0
    """
    if threshold is not None and not 0 < threshold <= 1:
        message = f"threshold {threshold} is not a share of events"
        raise InvalidInput(message, hint="0.5 is usual for cameras, 0.75 for sound")
    placed = Placed(split=version.split(name), recordings=version.recordings)
    rule = placed.split.record.rule
    asked = list(group_by) if group_by is not None else _rule_columns(placed, rule)
    guessed = [c for c in guess_columns(placed.recordings.columns) if c not in asked]
    embargo = _rule_embargo(rule) if embargo_us is None else embargo_us
    if embargo < 0:
        message = f"embargo of {embargo} µs is negative"
        raise InvalidInput(message, hint="give the smallest gap in µs, or 0")
    least = THRESHOLDS[placed.store.sensor.modality] if threshold is None else threshold
    overlaps = check_intervals(placed, embargo_us=embargo)
    findings = [
        *overlaps.findings,
        *check_groups(placed, asked, guessed),
        *check_withdrawn(placed),
        *check_labels(placed),
    ]
    report = LeakageReport(
        split=name,
        digest=placed.split.digest,
        settings={"group_by": asked, "guessed": guessed, "embargo_us": embargo, "threshold": least},
        folds=_fold_facts(placed, [*asked, *guessed]),
        compared={},
        near_duplicates=(),
        findings=(),
    )
    if near_duplicates and _is_too_poor(placed):
        findings.append(_too_poor(placed))
    elif near_duplicates:
        search = _search(placed, least, progress)
        pairs = [one for one in search.found if (one.a, one.b) not in overlaps.pairs]
        findings += [_duplicate(placed, one) for one in pairs]
        findings += _untold(placed, search)
        report = replace(
            report,
            compared=_numbers(placed, search),
            near_duplicates=tuple(_facts(placed, one) for one in pairs),
        )
    findings.sort(key=lambda finding: -finding.severity)
    return replace(report, findings=tuple(findings))


MIN_CHANNELS = 8
"""Sound of fewer channels is not searched: of two, different recordings reach the threshold and
copies are missed; of eight to 31 nothing was measured."""


def _is_too_poor(placed: Placed) -> bool:
    sensor = placed.store.sensor
    return sensor.modality == "audio" and sensor.width < MIN_CHANNELS


def _too_poor(placed: Placed) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        where=f"split {placed.split.name}",
        message=f"altered copies cannot be told for this encoding: {placed.store.sensor.width} "
        f"channels of sound, {MIN_CHANNELS} are needed",
        check="near-duplicate",
        fix="check the split of an encoding with more channels, as of --reader "
        "wav:encoding=mel-lif,n_bands=32; identical content is still found by its digest",
    )


def _rule_columns(placed: Placed, rule: Mapping[str, object]) -> list[str]:
    column = rule.get("group_by")
    return [str(column)] if column and column in placed.recordings.columns else []


def _rule_embargo(rule: Mapping[str, object]) -> int:
    embargo = rule.get("embargo_us", 0)
    return embargo if isinstance(embargo, int) else 0


def _fold_facts(placed: Placed, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    groups = count_groups(placed, columns)
    facts = {}
    for code, fold in enumerate(placed.folds):
        its = placed.fold == code
        n_recordings = len(set(placed.recording[its].tolist()))
        facts[fold] = {"samples": int(its.sum()), "recordings": n_recordings, **groups[fold]}
    return facts


def _search(placed: Placed, threshold: float, progress: Progress | None) -> Search:
    rows = find_rows(placed.store, placed.recording, placed.t_start, placed.t_stop)
    return find_near_duplicates(
        placed.store, rows, placed.fold, threshold=threshold, progress=progress
    )


def _numbers(placed: Placed, search: Search) -> dict[str, int]:
    return {
        "samples": len(placed.fold),
        "pairs": search.n_compared,
        "too_few_or_short": len(search.too_few),
        "too_dense": search.too_dense,
        "step_us": search.step_us,
    }


def _duplicate(placed: Placed, one: NearDuplicate) -> Finding:
    message = f"near-duplicates: {one.match.score:.0%} of the events have a partner beyond chance"
    how = variant(one)
    return Finding(
        severity=Severity.ERROR,
        where=placed.pair(one.a, one.b),
        message=message + (f", the second being {how}" if how else ""),
        check="near-duplicate",
        fix="remove one, or give both one group and split by it: --rule group --group-by COLUMN",
    )


def variant(one: NearDuplicate) -> str:
    """Say how the second sample of a pair differs from the first, empty where only in detail."""
    how = one.match.how
    if how is None:
        return ""
    said = []
    if how.flip_x:
        said.append("flipped left to right")
    if how.flip_y:
        said.append("flipped upside down")
    if how.swap_p:
        said.append("of swapped polarity")
    moved = [f"{how.dx:+d} px in x"] if how.dx and not how.flip_x else []
    moved += [f"{how.dy:+d} px in y"] if how.dy and not how.flip_y else []
    if moved:
        said.append("moved by " + " and ".join(moved))
    if abs(how.lag_us) >= 1000:
        said.append(f"{abs(how.lag_us) / 1000:.1f} ms {'later' if how.lag_us > 0 else 'earlier'}")
    return ", ".join(said)


def _facts(placed: Placed, one: NearDuplicate) -> dict[str, object]:
    samples, folds = placed.split.samples, placed.split.fold_of
    return {
        "a": samples[one.a].sample_id,
        "b": samples[one.b].sample_id,
        "fold_a": folds[one.a],
        "fold_b": folds[one.b],
        "score": round(one.match.score, 3),
        "of_a": round(one.match.of_a, 3),
        "of_b": round(one.match.of_b, 3),
        "how": one.match.how._asdict() if one.match.how else {},
    }


def _untold(placed: Placed, search: Search) -> Iterator[Finding]:
    """Say for which samples the search can tell nothing."""
    if search.too_few:
        yield Finding(
            severity=Severity.INFO,
            where=placed.name(search.too_few[0]),
            message=f"{len(search.too_few):,} samples have too few events, or are too short, "
            "to tell whether they have copies",
            check="near-duplicate",
        )
    if search.too_dense:
        yield Finding(
            severity=Severity.WARNING,
            where=f"split {placed.split.name}",
            message=f"{search.too_dense:,} pairs of like rates are too dense to compare by events",
            check="near-duplicate",
            fix="nothing is known of them: identical content is still found by its digest",
        )
