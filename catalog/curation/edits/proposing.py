"""Propose edits: each is checked against the work tree, and says exactly what it will do.

Hot pixels are found when a mask is proposed, not when it is applied, so that what is reviewed is
what is done.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from catalog.curation.edits.edit import Edit, Kind, Status
from catalog.curation.edits.log import append_proposals, read_log
from catalog.curation.places import find_hot_pixels
from catalog.labels.editing import parse_sample
from catalog.labels.intervals import DEFAULT_LABEL_SET
from catalog.recording_table import by_column, recording_digests
from catalog.tree import STORE, WorkTree
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.making import locked
from eventstore.selection import sample_id

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.dataset_version import DatasetVersion

Looked = Callable[[int, int, int], None]
"""Told (recordings looked into, of how many, events in them)."""

Pixels = tuple[tuple[int, int], ...]
"""Column and row of each."""


def propose(dataset: "Dataset", edits: Iterable[Edit], *, author: str) -> list[Edit]:
    """Write proposals into the log; return them with their numbers.

    Args:
        dataset: the dataset.
        edits: what is proposed; what stands there already, open or accepted, is left out.
        author: who proposes it.

    Raises:
        AlreadyExists: all of them are proposed already; names the first.
        Conflict: another writer is at work.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> drop = plan_drop(ds.draft(), "Train/left/0", reason="nobody in the picture")
        >>> [edit.number for edit in propose(ds, [drop], author="Ann")]
        [1]
    """
    with locked(dataset.root / STORE):
        tree = WorkTree(dataset.root)
        new = list(new_among(tree, edits))
        return append_proposals(tree, new, author)


def new_among(tree: WorkTree, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits that are not proposed already.

    Raises:
        AlreadyExists: none is new.
    """
    log, asked = read_log(tree), list(edits)
    standing: dict[str, list[Edit]] = {}
    for edit in (*log.of_status(Status.OPEN), *log.of_status(Status.ACCEPTED)):
        standing.setdefault(edit.recording_id, []).append(edit)
    twins = [_twin(edit, standing.get(edit.recording_id, [])) for edit in asked]
    if asked and all(twins):
        first = next(twin for twin in twins if twin is not None)
        message = f"that is proposed already, as edit {first.number}"
        hint = f"spikelake edit review {tree.root} {first.number} --accept"
        raise AlreadyExists(message, hint=hint)
    yield from (edit for edit, twin in zip(asked, twins, strict=True) if twin is None)


def _twin(edit: Edit, among: Sequence[Edit]) -> Edit | None:
    return next((other for other in among if other.same_as(edit)), None)


def plan_trim(
    version: "DatasetVersion",
    recording_id: str,
    *,
    from_us: int | None = None,
    to_us: int | None = None,
    reason: str,
) -> Edit:
    """Return the edit that keeps ``from_us ≤ t < to_us`` of a recording; its clock stays.

    Raises:
        NotFound: no such recording.
        InvalidInput: the interval keeps all, or no event.
    """
    facts = _facts(version, recording_id)
    end = int(facts["t_stop_us"])
    start, stop = from_us or 0, end if to_us is None else min(to_us, end)
    if not 0 <= start < stop:
        message = f"{start}-{stop} µs is no part of {recording_id}, which ends at {end} µs"
        raise InvalidInput(message, hint="give 0 ≤ --from < --to, in µs from its start")
    if (start, stop) == (0, end):
        message = f"0-{end} µs is all of {recording_id}: nothing would change"
        raise InvalidInput(message, hint="give --from, --to, or both")
    first, last = version.store.row_range(recording_id, start, stop)
    if first == last:
        message = f"{recording_id} has no event in {start}-{stop} µs"
        hint = f"to leave it out: spikelake edit drop DATASET {recording_id!r} --reason …"
        raise InvalidInput(message, hint=hint)
    return Edit(
        kind=Kind.TRIM,
        recording_id=recording_id,
        digest=facts["digest"],
        reason=reason,
        parameters={"from_us": start, "to_us": stop},
    )


def plan_masks(
    version: "DatasetVersion",
    recordings: Sequence[str] | None,
    pixels: Pixels | None,
    *,
    reason: str,
    progress: Looked | None = None,
) -> list[Edit]:
    """Return an edit for each recording that has events at some pixels.

    Args:
        version: the work tree's state.
        recordings: recordings to look into; all where None.
        pixels: the pixels; in each recording its hot ones where None.
        reason: why.
        progress: told (recordings looked into, of how many, events in them).

    Raises:
        NotFound: no such recording.
        InvalidInput: a pixel lies off a sensor, or no recording has an event there.
        MissingContent: events are not on this machine.
    """
    store, names = version.store, version.recordings.column("recording_id")
    asked = names if recordings is None else list(recordings)
    digests = recording_digests(version.recordings)
    for name in asked:
        if name not in digests:
            missing = NotFound.among("recording", name, names)
            raise missing
    edits, n_events = [], 0
    for done, name in enumerate(asked, start=1):
        row = store.recordings.row(name)
        events, sensor = store.read(row), store.recordings.sensor(row)
        stop = int(store.recordings.t_stop[row])
        found = _hot(events, sensor, stop) if pixels is None else _used(events, sensor, pixels)
        n_events += len(events)
        if progress is not None:
            progress(done, len(asked), n_events)
        if found:
            edits.append(
                Edit(
                    kind=Kind.MASK,
                    recording_id=name,
                    digest=digests[name],
                    reason=reason,
                    parameters={"pixels": [list(pixel) for pixel in found]},
                )
            )
    if not edits:
        what = "hot pixels" if pixels is None else "events at these pixels"
        message = f"{asked[0] if len(asked) == 1 else f'none of {len(asked):,} recordings'} has "
        message += ("no " if len(asked) == 1 else "") + what
        raise InvalidInput(message, hint="spikelake check DATASET --only hot-pixels names some")
    return edits


def _hot(events: Events, sensor: Sensor, stop: int) -> list[tuple[int, int]]:
    return sorted((pixel.x, pixel.y) for pixel in find_hot_pixels(events, sensor, stop))


def _used(events: Events, sensor: Sensor, pixels: Pixels) -> list[tuple[int, int]]:
    """Return the pixels, each once, where any of them has an event; none else."""
    asked = sorted(set(pixels))
    for x, y in asked:
        if not (0 <= x < sensor.width and 0 <= y < sensor.height):
            message = f"pixel {x},{y} lies off the sensor of {sensor.width}×{sensor.height}"
            raise InvalidInput(message, hint="pixels are column,row from the upper left corner")
    masked = np.zeros((sensor.height, sensor.width), np.bool_)
    x, y = np.array(asked).T
    masked[y, x] = True
    return asked if masked[events.y, events.x].any() else []


def plan_relabel(
    version: "DatasetVersion",
    sample: str,
    label: str,
    *,
    reason: str,
    label_set: str = DEFAULT_LABEL_SET,
) -> Edit:
    """Return the edit that gives an interval another label; applied, it becomes an erratum.

    Raises:
        NotFound: no such recording, set or interval.
        InvalidInput: not the id of a sample, or it has that label.
    """
    name, start, stop = parse_sample(sample)
    facts = _facts(version, name)
    labels = version.labels(label_set)
    here = labels.get(sample_id(name, start, stop))
    if here is None:
        known = [key for key, one in labels.items() if one.recording_id == name]
        what = f"interval of {label_set!r}"
        raise NotFound.among(what, sample, known)
    if here.label == label:
        message = f"{sample} is {label!r} already"
        raise InvalidInput(message, hint="give another label")
    return Edit(
        kind=Kind.RELABEL,
        recording_id=name,
        digest=facts["digest"],
        reason=reason,
        parameters={
            "set": label_set,
            "from_us": start,
            "to_us": stop,
            "was": here.label,
            "label": label,
        },
    )


def plan_drop(version: "DatasetVersion", recording_id: str, *, reason: str) -> Edit:
    """Return the edit that leaves a recording out.

    Raises:
        NotFound: no such recording.
    """
    digest = _facts(version, recording_id)["digest"]
    return Edit(kind=Kind.DROP, recording_id=recording_id, digest=digest, reason=reason)


def plan_note(version: "DatasetVersion", place: str, text: str) -> Edit:
    """Return a remark on a recording, or on a part of it, ``recording_id#start-stop``.

    Raises:
        NotFound: no such recording.
    """
    rows = {row["recording_id"]: row["digest"] for row in by_column(version.recordings)}
    parameters: dict[str, object] = {}
    name = place
    if place not in rows and "#" in place:
        name, start, stop = parse_sample(place)
        parameters = {"from_us": start, "to_us": stop}
    digest = _facts(version, name)["digest"]
    return Edit(
        kind=Kind.NOTE, recording_id=name, digest=digest, reason=text, parameters=parameters
    )


def _facts(version: "DatasetVersion", recording_id: str) -> dict[str, str]:
    table = version.recordings
    names = table.columns.index("recording_id")
    found = next((row for row in table.rows if row[names] == recording_id), None)
    if found is None:
        missing = NotFound.among("recording", recording_id, table.column("recording_id"))
        raise missing
    return dict(zip(table.columns, found, strict=True))
