"""Open a task: all it pins is recomputed, and it is refused where anything else would be seen."""

from collections.abc import Sequence

from catalog.dataset_version import DatasetVersion, check_digest
from catalog.reference import SHORT_DIGEST, Reference
from catalog.tasks.making import Lookup
from catalog.tasks.pins import stored_recordings
from catalog.tasks.record import TaskPart, TaskRecord, read_task
from catalog.tasks.task import OpenPart, Task
from catalog.tombstones import said_withdrawn
from eventstore.errors import IntegrityError, SpikelakeError
from eventstore.findings import Finding, Severity


def open_task(
    state: DatasetVersion, name: str, lookup: Lookup, *, digest: str | None = None
) -> Task:
    """Open a task over the stores of the versions it names.

    Args:
        state: the version that the task lies in.
        name: name of the task.
        lookup: finds other datasets by their name.
        digest: first digits that its digest must have.

    Raises:
        NotFound: there is no such task, or no dataset or version that it names.
        IntegrityError: the task, or a split, a version, a label or a recording of it is not what
            it was frozen as, or the task is not the one asked for; says all that differs.
        MissingContent: bytes are not on this machine; the hint fetches them.
    """
    record = read_task(state.tree, name)
    check_digest(f"{state.name} task {name!r}", record.digest, digest)
    opened, wrong, findings = [], [], []
    for part in record.parts:
        try:
            its = _open_part(part, state, lookup)
        except IntegrityError as error:
            wrong.append(f"{part}: {error.message}")
            continue
        opened.append(its)
        found = stored_recordings(its.split.samples, its.split.store)
        if its.split.withdrawn:
            findings.append(withdrawn_samples(part, its.state.tree.where, its.split.withdrawn))
        elif found != part.recordings:
            findings.append(other_recordings(part, its.state.tree.where))
    reference = task_reference(state, record)
    if wrong:
        for its in opened:
            its.state.close()
        message = f"{reference} is not what it was frozen as: {'; '.join(wrong)}"
        where = f"{state.tree.where}/task:{name}"
        raise IntegrityError(message, hint=f"all that differs: spikelake task verify {where}")
    return Task(
        record=record,
        reference=reference,
        home=state,
        parts=tuple(opened),
        findings=tuple(findings),
    )


def part_state(part: TaskPart, home: DatasetVersion, lookup: Lookup) -> DatasetVersion:
    """Open the version that a part is of.

    Raises:
        NotFound: there is no such dataset or version here.
        IntegrityError: the version does not hold what was recorded of it.
    """
    return home if part.home else lookup(part.dataset).at(part.version)


def wrong_pins(part: TaskPart, *, version: str | None, split: str) -> list[str]:
    """Return what does not agree with the digests that a part pins.

    Args:
        part: the part.
        version: digest of its version as found; None for the dataset that the task lies in.
        split: digest of its split as found.
    """
    pairs = (
        (f"version {part.version}", part.version_digest or "", version or ""),
        (f"split {part.split!r}", part.split_digest, split),
    )
    return [
        f"{what} has digest {found[:SHORT_DIGEST]}, the task pins {pinned[:SHORT_DIGEST]}"
        for what, pinned, found in pairs
        if pinned != found and not (part.home and what.startswith("version"))
    ]


def task_reference(state: DatasetVersion, record: TaskRecord) -> Reference:
    """Return the line that cites a task."""
    version = state.reference.version
    digest = record.digest[:SHORT_DIGEST]
    return Reference(name=state.name, version=version, task=record.name, digest=digest)


def other_recordings(part: TaskPart, where: str) -> Finding:
    """Return the warning that recordings differ in what no sample of the split shows."""
    message = (
        f"recordings of {part} differ from those the task was made over, in their side streams: "
        "frames, IMU samples or triggers, not events"
    )
    fix = "take care where a network is fed with side streams"
    return Finding(
        severity=Severity.WARNING, where=where, message=message, check="recordings", fix=fix
    )


def withdrawn_samples(part: TaskPart, where: str, samples: Sequence[str]) -> Finding:
    """Return what is said of samples of a part that were taken back since the task was made."""
    message = f"{said_withdrawn(samples)} of {part} are left out: results are over fewer samples"
    fix = "say so where you report results; a task over what is left gets another name"
    return Finding(
        severity=Severity.WARNING, where=where, message=message, check="withdrawn", fix=fix
    )


def _open_part(part: TaskPart, home: DatasetVersion, lookup: Lookup) -> OpenPart:
    state = part_state(part, home, lookup)
    try:
        split = state.split(part.split)
        version = state.version.digest if state.version else None
        wrong = wrong_pins(part, version=version, split=split.digest)
        if wrong:
            raise IntegrityError("; ".join(wrong))
    except SpikelakeError:
        if state is not home:
            state.close()
        raise
    return OpenPart(part, state, split)
