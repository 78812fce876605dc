"""Convert recordings between formats: any reader's, or a store's, into any writer's."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.events import Events, Sensor, back_steps
from eventstore.findings import Finding, Severity
from eventstore.readers.archive import is_archive
from eventstore.readers.open import read_file, ready
from eventstore.readers.protocol import Recording
from eventstore.repairs.protocol import RepairReport
from eventstore.store import ROOT_KEY, EventStore
from eventstore.stored_recording import stored_recording
from eventstore.writers.choose import find_writer
from eventstore.writers.protocol import Writer

STORE_IN_DATASET = "events.zarr"
"""Where a dataset's folder keeps its store."""

PACKED_STORE = ".zarr.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertReport:
    """What a conversion did.

    Args:
        source: what was read.
        target: the file that was written.
        reader: name of the reader; ``store`` for a store.
        writer: name of the writer.
        n_events: events written.
        seconds: how long it took.
        repairs: what was changed on the way.
        findings: what the reader noticed, and what the target does not hold.
    """

    source: str
    target: Path
    reader: str
    writer: str
    n_events: int
    seconds: float
    repairs: tuple[RepairReport, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A conversion that was checked and not begun; `run` it once.

    Args:
        recording: what is read.
        writer: what writes it.
        target: the file to write.
        keep_open: what is to be closed afterwards.
    """

    recording: Recording
    writer: Writer
    target: Path
    keep_open: ExitStack

    def run(self, progress: Callable[[int], None] | None = None) -> ConvertReport:
        """Write the file whole or not at all.

        Args:
            progress: told the events so far after each packet.

        Raises:
            FormatError: the source is bad, with the byte offset.
            InvalidInput: the format of the target cannot hold an event, or a repair is not for
                this recording.
            OSError: the disk is full or refuses.
        """
        started = time.monotonic()
        passing = _Passing(progress)
        with self.keep_open:
            kinds = [kind for kind in self.recording.side if kind in self.writer.side_kinds]
            self.writer.write(
                self.target,
                passing.through(self.recording.packets),
                sensor=self.recording.sensor,
                meta=self.recording.meta,
                side={kind: self.recording.side[kind] for kind in kinds},
            )
        return ConvertReport(
            source=self.recording.source,
            target=self.target,
            reader=self.recording.reader,
            writer=self.writer.name,
            n_events=passing.n_events,
            seconds=time.monotonic() - started,
            repairs=tuple(self.recording.repairs),
            findings=(*self.recording.findings, *self._left_out(), *passing.findings(self.target)),
        )

    def _left_out(self) -> Iterator[Finding]:
        for kind in sorted(set(self.recording.side) - set(self.writer.side_kinds)):
            yield Finding(
                severity=Severity.WARNING,
                where=str(self.target),
                message=f"{kind} are left out: {self.writer.name} does not hold them",
                fix="keep the source, or ingest it into a store, which does",
                check="side-left-out",
            )


def convert(
    source: Path | str,
    target: Path,
    *,
    reader: str | None = None,
    writer: str | None = None,
    sensor: Sensor | None = None,
    part: str = "",
    recording: str | None = None,
    repairs: Sequence[str] = (),
    force: bool = False,
) -> ConvertReport:
    """Write a recording in another format, with its absolute times.

    Args:
        source: a recorded file; or a store, a dataset's folder or a URL of one of them.
        target: the file to write; its suffix says the format.
        reader: name of the reader; by suffix and first bytes where absent.
        writer: name of the writer, where the suffix does not tell.
        sensor: geometry, where the file doesn't tell.
        part: name of the recording, where a file holds several.
        recording: id of the recording, where a store holds several.
        repairs: what to change in the events, in that order; see `eventstore.repairs`.
        force: replace a file that is there.

    Raises:
        NotFound: there is no such file, part, recording, reader, writer or repair.
        AlreadyExists: the target is there, and ``force`` is off.
        InvalidInput: the format of the target cannot hold an event; names the first.
        FormatError: the source is bad, with the byte offset.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_folders
        >>> train, _ = tiny_folders(Path(mkdtemp()))
        >>> report = convert(train / "left" / "0.bin", train / "left.copy.bin")
        >>> report.n_events, (train / "left.copy.bin").stat().st_size
        (100, 500)
    """
    conversion = plan_conversion(
        source,
        target,
        reader=reader,
        writer=writer,
        sensor=sensor,
        part=part,
        recording=recording,
        repairs=repairs,
        force=force,
    )
    return conversion.run()


def plan_conversion(
    source: Path | str,
    target: Path,
    *,
    reader: str | None = None,
    writer: str | None = None,
    sensor: Sensor | None = None,
    part: str = "",
    recording: str | None = None,
    repairs: Sequence[str] = (),
    force: bool = False,
) -> Conversion:
    """Check all that can be checked without decoding; arguments and errors as `convert`."""
    chosen = find_writer(target, writer)
    check_target(source, target, force=force)
    store = find_store(source)
    if store is None:
        if recording is not None:
            message = f"--recording {recording} names one of a store, and {source} is a file"
            raise InvalidInput(
                message, hint="in a file of several recordings, name a part (--part)"
            )
        read = read_file(Path(source), reader=reader, sensor=sensor, part=part, repairs=repairs)
        return Conversion(recording=read, writer=chosen, target=target, keep_open=ExitStack())
    if part or reader or sensor:
        message = f"{source} is a store: it has no parts, no reader, and knows its sensor"
        raise InvalidInput(message, hint="name the recording only (--recording)")
    with ExitStack() as opening:
        opened = opening.enter_context(EventStore.open(store))
        stored = ready(stored_recording(opened, recording, name=str(source)), repairs)
        keep_open = opening.pop_all()
    return Conversion(recording=stored, writer=chosen, target=target, keep_open=keep_open)


def find_store(source: Path | str) -> Path | str | None:
    """Return where the store lies that a source means; None where it is a file.

    Examples:
        >>> find_store("s3://bucket/nmnist/events.zarr"), find_store(Path("face.bin"))
        ('s3://bucket/nmnist/events.zarr', None)
    """
    if "://" in str(source):
        return str(source)
    path = Path(source)
    if not path.is_dir():
        return path if path.name.lower().endswith(PACKED_STORE) else None
    for place in (path, path / STORE_IN_DATASET):
        if (place / ROOT_KEY).exists():
            return place
    message = f"{path} is a folder, and no store or dataset"
    raise InvalidInput(message, hint="name one of the files in it")


def check_target(source: Path | str, target: Path, *, force: bool) -> None:
    """Refuse a file that cannot be written, or a source that is no recording.

    Raises:
        InvalidInput: the source is the target itself, or an archive.
        AlreadyExists: the target is there, and ``force`` is off.
        NotFound: its folder is not there.
    """
    if target.exists() and Path(source).exists() and target.samefile(source):
        message = f"{source} cannot be converted into itself"
        raise InvalidInput(message, hint="name another file")
    if target.is_dir() or (target.exists() and not force):
        message = f"{target} is there already"
        hint = "name a file in it" if target.is_dir() else "replace it with --force"
        raise AlreadyExists(message, hint=hint)
    if not target.parent.is_dir():
        message = f"no folder {target.parent}"
        raise NotFound(message, hint="make it first")
    if is_archive(Path(source)) and not str(source).lower().endswith(PACKED_STORE):
        message = f"{source} is an archive, not a recording"
        raise InvalidInput(message, hint="unpack one recording of it, or ingest the archive")


class _Passing:
    """Counts what passes from reader to writer."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self.n_events = self._back = 0
        self._last: int | None = None
        self._progress = progress

    def through(self, packets: Iterator[Events]) -> Iterator[Events]:
        for packet in packets:
            if not len(packet):
                continue
            self._back += back_steps(packet.t)
            self._back += self._last is not None and int(packet.t[0]) < self._last
            self._last = int(packet.t[-1])
            self.n_events += len(packet)
            yield packet
            if self._progress is not None:
                self._progress(self.n_events)

    def findings(self, target: Path) -> Iterator[Finding]:
        if self._back:
            yield Finding(
                severity=Severity.WARNING,
                where=str(target),
                message=f"time runs back at {self._back:,} places, as in the source",
                fix="repair it (--repair sort, hold-time or drop-backward)",
                check="time-back",
            )
