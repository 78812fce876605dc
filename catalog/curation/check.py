"""All checks of a state of a dataset: what a curator should look at, where, and what to do."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from catalog.curation.describing import check_description, quoted
from catalog.curation.labels import check_label_sets
from catalog.curation.limits import Limits
from catalog.curation.places import Place, find_gaps, find_hot_pixels, find_plateaus
from catalog.curation.recordings import Suspicion, suspect_recordings
from catalog.query.columns import RecordingColumns
from eventstore.errors import MissingContent
from eventstore.findings import Finding, Severity

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion

SHOWN_PIXELS = 5
"""Hot pixels that a finding names one by one."""

Looked = Callable[[int, int, int], None]
"""Told (recordings looked into, of how many, events in them)."""

_LOCATED = frozenset({"gap", "saturation", "hot-pixels"})


def check_curation(
    version: "DatasetVersion", limits: Limits | None = None, *, progress: Looked | None = None
) -> list[Finding]:
    """Return all that a curator should look at, the worst first.

    Recordings that a check names by their statistics are decoded once more, to say at which µs and
    which pixels it is; where their events are not on this machine, they are named whole.

    Args:
        version: the draft, or a saved version.
        limits: what a recording may be.
        progress: told (recordings looked into, of how many, events in them).

    Raises:
        NotFound: the dataset has no recordings yet.
        IntegrityError: stored bytes are damaged.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> sorted({found.check for found in check_curation(ds.draft(), Limits(min_events=1e6))})
        ['card', 'few-events']
    """
    source = RecordingColumns(version)
    suspicions = list(suspect_recordings(source, limits or Limits()))
    findings = [
        *_unmeasured(source),
        *_located(version, suspicions, limits or Limits(), progress),
        *check_label_sets(version),
        *check_description(version),
    ]
    return sorted(findings, key=lambda f: (-f.severity, f.check, f.where))


def _unmeasured(source: RecordingColumns) -> Iterator[Finding]:
    if source.n_unmeasured:
        yield Finding(
            severity=Severity.WARNING,
            where="statistics.tsv",
            message=f"{source.n_unmeasured} of {len(source)} recordings were never measured",
            check="statistics",
            fix="spikelake dataset measure DATASET",
        )


def _located(
    version: "DatasetVersion",
    suspicions: Sequence[Suspicion],
    limits: Limits,
    progress: Looked | None,
) -> Iterator[Finding]:
    """Turn suspicions into findings, looking into each recording once."""
    rows = {name: row for row, name in enumerate(version.recordings.column("recording_id"))}
    names = {row: name for name, row in rows.items()}
    by_row: dict[int, list[Suspicion]] = {}
    for suspicion in suspicions:
        by_row.setdefault(suspicion.row, []).append(suspicion)
    n_events = 0
    for n, (row, its) in enumerate(sorted(by_row.items()), start=1):
        places: dict[str, tuple[str, str]] = {}
        if any(one.check in _LOCATED for one in its):
            n_read, places = _look(version, names[row], its, limits)
            n_events += n_read
        for one in its:
            where, pixels = places.get(one.check, (names[row], ""))
            fix = one.fix.format(recording=quoted(names[row]), pixels=pixels or "--hot")
            yield Finding(
                severity=one.severity, where=where, message=one.message, check=one.check, fix=fix
            )
        if progress is not None:
            progress(n, len(by_row), n_events)


def _look(
    version: "DatasetVersion", name: str, its: Sequence[Suspicion], limits: Limits
) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the events read, and for each check the place and the pixels to name."""
    store = version.store
    try:
        events = store.read(name)
    except MissingContent:
        return 0, {}
    row = store.recordings.row(name)
    stop, found = int(store.recordings.t_stop[row]), {}
    for check in {one.check for one in its} & _LOCATED:
        if check == "hot-pixels":
            hot = find_hot_pixels(events, store.recordings.sensor(row), stop)
            named = " ".join(f"{pixel.x},{pixel.y}" for pixel in hot)
            few = 0 < len(hot) <= SHOWN_PIXELS
            found[check] = (name, f"--pixels '{named}'" if few else "--hot")
            continue
        gaps = check == "gap"
        places = find_gaps(events, stop, limits.max_gap_us) if gaps else find_plateaus(events)
        if places:
            found[check] = (_said(name, places[0]), "")
    return len(events), found


def _said(name: str, place: Place) -> str:
    return f"{name}#{place.t_start_us}-{place.t_stop_us}"
