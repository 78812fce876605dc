"""What is odd about intervals: overlaps, zero length, time without a recording, gaps.

Nothing here changes anything, and every finding names recording, µs range and remedy. An interval
that lies wholly outside its recording is an error, as a sample of it could hold no event; the rest
are for a curator to judge.
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from eventstore.findings import Finding, Severity

VERB = "spikelake label edit"

EDIT = VERB + " DATASET '{sample}' {change} --reason …"


def check_intervals(
    labels: Iterable[Label],
    stops: Mapping[str, int],
    *,
    complete: bool = False,
    label_set: str = DEFAULT_LABEL_SET,
) -> list[Finding]:
    """Return what is odd about the intervals of one label set, recording by recording.

    Args:
        labels: the labels.
        stops: end of each recording in µs from its start; a label of any other recording is an
            error.
        complete: every µs of a labelled recording should have a label, so gaps are told too.
        label_set: name of the set, for the commands that mend it.

    Examples:
        >>> labels = [Label("a", 0, 60, "clap"), Label("a", 50, 100, "wave")]
        >>> [finding.message for finding in check_intervals(labels, {"a": 100})]
        ["overlaps 10 µs of 'clap' (0-60) with 'wave' (50-100)"]
    """
    found: list[Finding] = []
    ordered = sorted(labels, key=lambda label: label[:4])
    for name, members in groupby(ordered, key=lambda label: label.recording_id):
        of = list(members)
        if name not in stops:
            message = f"labels {name}, which is no recording of the dataset"
            found.append(_finding(Severity.ERROR, of[0], message, "labels", "remove the rows"))
            continue
        found += _lengths(of, stops[name])
        found += _overlaps(of)
        found += _gaps(of, stops[name]) if complete else []
    return found if label_set == DEFAULT_LABEL_SET else [_of_set(f, label_set) for f in found]


def check_twice(labels: Iterable[Label]) -> tuple[list[Label], list[Finding]]:
    """Return labels with each interval once, and what stood twice.

    The same label twice is kept once, which is a warning; two labels for one interval cannot stand
    in one set, which is an error.

    Examples:
        >>> kept, found = check_twice([Label("a", 0, 9, "cat"), Label("a", 0, 9, "cat")])
        >>> len(kept), found[0].message
        (1, "labelled 'cat' twice; kept once")
    """
    kept: dict[str, Label] = {}
    found = []
    for label in labels:
        first = kept.setdefault(label.sample_id, label)
        if first is label:
            continue
        if first.label == label.label:
            message = f"labelled {label.label!r} twice; kept once"
            found.append(_finding(Severity.WARNING, label, message, "duplicate-label"))
        else:
            message = f"labelled both {first.label!r} and {label.label!r}"
            fix = "keep one, or import them as two sets: --set NAME"
            found.append(_finding(Severity.ERROR, label, message, "label-conflict", fix))
    return list(kept.values()), found


def _of_set(finding: Finding, label_set: str) -> Finding:
    """Return the finding with a remedy that names the set, where it is a command."""
    if not finding.fix.startswith(VERB):
        return finding
    return replace(finding, fix=f"{finding.fix} --set {shlex.quote(label_set)}")


def _lengths(labels: list[Label], stop: int) -> Iterator[Finding]:
    for label in labels:
        start, end = label.t_start_us, label.t_stop_us
        if start == end:
            message = f"{label.label!r} has no length"
            fix = EDIT.format(sample=label.sample_id, change="--stop …")
            yield _finding(Severity.WARNING, label, message, "empty-label", fix)
        if start >= stop > 0 or (start > stop):
            message = f"{label.label!r} lies beyond the recording's end at {stop} µs"
            fix = "are these times of the source's own clock? then import them with --times source"
            yield _finding(Severity.ERROR, label, message, "outside-recording", fix)
        elif end > stop:
            message = (
                f"{label.label!r} goes {end - stop} µs beyond the recording's end at {stop} µs"
            )
            fix = EDIT.format(sample=label.sample_id, change=f"--stop {stop}")
            yield _finding(Severity.WARNING, label, message, "outside-recording", fix)


def _overlaps(labels: list[Label]) -> Iterator[Finding]:
    """Compare each interval with the longest one so far of each class that is not over yet."""
    open_: dict[str, Label] = {}
    for label in labels:
        open_ = {k: x for k, x in open_.items() if x.t_stop_us > label.t_start_us}
        if label.t_stop_us == label.t_start_us:
            continue
        for name, other in open_.items():
            shared = min(label.t_stop_us, other.t_stop_us) - label.t_start_us
            message = f"overlaps {shared} µs of {_said(other)} with {_said(label)}"
            if name == label.label:
                yield _finding(Severity.INFO, label, message, "overlap-of-one-class")
            else:
                change = f"--stop {label.t_start_us}"
                fix = EDIT.format(sample=other.sample_id, change=change)
                yield _finding(Severity.WARNING, label, message, "label-overlap", fix)
        longest = open_.get(label.label)
        if longest is None or label.t_stop_us > longest.t_stop_us:
            open_[label.label] = label


def _gaps(labels: list[Label], stop: int) -> Iterator[Finding]:
    reached = 0
    for label in [*labels, Label(labels[0].recording_id, stop, stop, "")]:
        if label.t_start_us > reached:
            gap = label._replace(t_start_us=reached, t_stop_us=label.t_start_us)
            message = f"no label for {gap.t_stop_us - reached} µs"
            yield _finding(
                Severity.WARNING, gap, message, "label-gap", "label it, or say it is none"
            )
        reached = max(reached, label.t_stop_us)


def _said(label: Label) -> str:
    return f"{label.label!r} ({label.t_start_us}-{label.t_stop_us})"


def _finding(severity: Severity, label: Label, message: str, check: str, fix: str = "") -> Finding:
    return Finding(severity=severity, where=label.sample_id, message=message, check=check, fix=fix)
