"""StoreWriter: append recordings to a store, one whole recording at a time."""

from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from eventstore.checks import PacketChecks
from eventstore.digest import LogicalDigest
from eventstore.documents import DIGEST_BYTES
from eventstore.durable import PARTIAL, sync_folder
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.files import LocalFiles
from eventstore.lock import WriterLock
from eventstore.publish import Publisher, WriterState
from eventstore.recordings import RecordingRow, store_digest
from eventstore.schema import Head, Layout
from eventstore.store import ROOT_KEY, EventStore
from eventstore.tail import Tail, TailMark


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a recording began, to go back to when it fails."""

    n_sealed: int
    tail: Tail
    in_tail: TailMark
    n_first_t: int


class StoreWriter:
    """Appends recordings to a store; one writer at a time.

    Make one with `create` or `open` and use it in a ``with`` block: a clean end
    publishes, an exception leaves what was published before.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "events.zarr"
        >>> with StoreWriter.create(path, Sensor(34, 34)) as writer:
        ...     row = writer.append("a", [Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])])
        >>> row.n_events, row.t_stop
        (2, 10)
    """

    def __init__(self, path: Path, head: Head, lock: WriterLock) -> None:
        """Take over a locked store whose published state is ``head``; see create and open."""
        self.path = path
        self._lock = lock
        self._publisher = Publisher(path, head.sensor.columns, head.layout)
        self._sensor = head.sensor
        self._layout = head.layout
        self._published = head
        self._rows: list[RecordingRow] = []
        self._row_of: dict[str, int] = {}
        self._n_sealed = 0
        self._first_t: list[int] = []
        self._tail = Tail(self._sensor.columns, self._layout)

    @classmethod
    def create(cls, path: Path | str, sensor: Sensor, *, layout: Layout | None = None) -> Self:
        """Make an empty store and open it for writing.

        Args:
            path: the folder to make, such as ``events.zarr``.
            sensor: the sensor; a single recording's may be smaller.
            layout: how the store is cut.

        Raises:
            AlreadyExists: there is a store, or anything else, at the path.
            Conflict: another writer has it open.
        """
        path = Path(path).absolute()
        lock = WriterLock(path)
        try:
            _refuse_existing(path)
            head = Head(
                sensor=sensor,
                n_events=0,
                n_recordings=0,
                digest=store_digest([]),
                layout=layout or Layout(),
            )
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)
            writer = cls(path, head, lock)
            writer._publisher.publish(head, writer._state(), before=head)
        except BaseException:
            lock.release()
            raise
        return writer

    @classmethod
    def open(cls, path: Path | str) -> Self:
        """Open an existing store for appending, at its published end.

        Raises:
            NotFound: there is no store at the path.
            Conflict: another writer has it open.
            MissingContent: the last shard is not on this machine; it is needed to go on.
        """
        path = Path(path).absolute()
        if not LocalFiles(path).has(ROOT_KEY):
            message = f"no event store at {path}"
            raise NotFound(message, hint="make one with StoreWriter.create(path, sensor)")
        lock = WriterLock(path)
        try:
            with EventStore.open(path) as store:
                writer = cls(path, store.head, lock)
                writer._resume(store)
        except BaseException:
            lock.release()
            raise
        return writer

    def _resume(self, store: EventStore) -> None:
        """Take up the published end and clear away what a killed writer left behind it."""
        table = store.recordings
        self._rows = [table[row] for row in range(len(table))]
        self._row_of = {recording_id: row for row, recording_id in enumerate(table.ids)}
        size, slots = self._layout.chunk_events, self._layout.slots
        whole = store.n_events // size
        self._n_sealed = whole // slots
        first_t = store.first_t.tolist()
        self._first_t = first_t[: self._n_sealed * slots]
        for k in range(self._n_sealed * slots, whole):
            chunks = {name: store.column(name).encoded(k) for name in self._sensor.columns}
            self._tail.carry(chunks, first_t[k])
        self._tail.add(store.read_rows(whole * size, store.n_events))
        self._publisher.recover(self._published)

    @property
    def sensor(self) -> Sensor:
        """The store's sensor."""
        return self._sensor

    @property
    def layout(self) -> Layout:
        """How the store is cut."""
        return self._layout

    @property
    def digest(self) -> str:
        """Logical digest of the published state, in hex."""
        return self._published.digest

    @property
    def n_events(self) -> int:
        """Events so far, unpublished ones included."""
        return self._n_sealed * self._layout.shard_events + self._tail.n_events

    @property
    def n_recordings(self) -> int:
        """Recordings so far, unpublished ones included."""
        return len(self._rows)

    @property
    def recording_ids(self) -> KeysView[str]:
        """Ids of all recordings, unpublished ones included."""
        return self._row_of.keys()

    @property
    def n_unpublished(self) -> int:
        """Events appended since the last publication."""
        return self.n_events - self._published.n_events

    def row(self, recording_id: str) -> RecordingRow:
        """Return what is known of a recording, published or not.

        Raises:
            NotFound: no such recording.
        """
        if recording_id not in self._row_of:
            missing = NotFound.among("recording", recording_id, self._row_of)
            raise missing
        return self._rows[self._row_of[recording_id]]

    def append(
        self,
        recording_id: str,
        packets: Iterable[Events],
        *,
        t_origin_us: int = 0,
        source_sha256: bytes = bytes(DIGEST_BYTES),
        sensor: Sensor | None = None,
    ) -> RecordingRow:
        """Append one recording; it is seen by readers after the next `publish`.

        Args:
            recording_id: a new id.
            packets: its events in order, times in µs from the recording's start.
            t_origin_us: the source's own stamp of ``t = 0``; only recorded.
            source_sha256: sha256 of the source's bytes; only recorded.
            sensor: the recording's own sensor where smaller than the store's.

        Raises:
            AlreadyExists: the id is in the store.
            InvalidInput: time runs backwards or is negative, an event lies outside the sensor, or
                the sensor does not go with the store's. The recording then leaves no trace.
        """
        own = sensor or self._sensor
        self._check_new(recording_id, own, source_sha256)
        start = self.n_events
        checks, digest = self._take_all(PacketChecks(recording_id, own), packets)
        row = RecordingRow(
            recording_id=recording_id,
            start=start,
            n_events=self.n_events - start,
            t_origin_us=t_origin_us,
            t_stop=checks.t_stop,
            sensor=own,
            digest=digest.digest(),
            source_sha256=source_sha256,
        )
        self._rows.append(row)
        self._row_of[recording_id] = len(self._rows) - 1
        return row

    def _take_all(
        self, checks: PacketChecks, packets: Iterable[Events]
    ) -> tuple[PacketChecks, LogicalDigest]:
        """Take a recording's packets, or none where one fails."""
        digest = LogicalDigest(checks.sensor)
        mark = _Mark(self._n_sealed, self._tail, self._tail.mark(), len(self._first_t))
        try:
            for packet in packets:
                checks.check(packet)
                digest.update(packet)
                self._take(packet)
        except BaseException:
            self._roll_back(mark)
            raise
        return checks, digest

    def _check_new(self, recording_id: str, sensor: Sensor, source_sha256: bytes) -> None:
        if recording_id in self._row_of:
            message = f"recording {recording_id!r} is in {self.path} already"
            raise AlreadyExists(message, hint="give it another id, or skip it (resume)")
        if not recording_id or any(ord(c) < 32 for c in recording_id):
            message = f"recording id {recording_id!r} is empty or has control characters"
            raise InvalidInput(message, hint="use a path-like name such as 'train/3/00891'")
        if len(source_sha256) != DIGEST_BYTES:
            message = f"source_sha256 has {len(source_sha256)} bytes, expected {DIGEST_BYTES}"
            raise InvalidInput(message, hint="pass hashlib.sha256(...).digest()")
        ours = self._sensor
        if sensor.modality != ours.modality:
            message = (
                f"recording {recording_id!r} is {sensor.modality}, the store is {ours.modality}"
            )
            raise InvalidInput(message, hint="keep cameras and cochleas in stores of their own")
        if sensor.width > ours.width or sensor.height > ours.height:
            message = (
                f"recording {recording_id!r} is of a {sensor.width}×{sensor.height} sensor, "
                f"larger than the store's {ours.width}×{ours.height}"
            )
            hint = f"make the store for {sensor.width}×{sensor.height} or more in the first place"
            raise InvalidInput(message, hint=hint)

    def _take(self, packet: Events) -> None:
        at = 0
        while at < len(packet):
            if not self._tail.room:
                self._seal()
            take = min(self._tail.room, len(packet) - at)
            self._tail.add(packet[at : at + take])
            at += take

    def _seal(self) -> None:
        """Write the full tail as a shard for good and begin the next."""
        self._publisher.write_shard(self._n_sealed, self._tail)
        self._first_t += self._tail.first_t()
        self._n_sealed += 1
        self._tail = Tail(self._sensor.columns, self._layout)

    def _roll_back(self, mark: _Mark) -> None:
        self._n_sealed, self._tail = mark.n_sealed, mark.tail
        self._tail.cut_back(mark.in_tail)
        del self._first_t[mark.n_first_t :]

    def publish(self) -> None:
        """Make all appended recordings visible to readers that open the store from now on.

        Raises:
            OSError: the disk is full or refuses; the state published before still stands.
        """
        if self.n_recordings == self._published.n_recordings:
            return
        head = Head(
            sensor=self._sensor,
            n_events=self.n_events,
            n_recordings=self.n_recordings,
            digest=store_digest((row.recording_id, row.digest) for row in self._rows),
            layout=self._layout,
        )
        self._publisher.publish(head, self._state(), before=self._published)
        self._published = head

    def _state(self) -> WriterState:
        return WriterState(self._rows, self._first_t, self._n_sealed, self._tail)

    def close(self) -> None:
        """Let go of the store without publishing."""
        self._lock.release()

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Publish after a clean block, then let go of the store."""
        try:
            if kind is None:
                self.publish()
        finally:
            self.close()


def _refuse_existing(path: Path) -> None:
    """Refuse to create over anything but what a writer killed at its very start left."""
    if not path.exists():
        return
    if LocalFiles(path).has(ROOT_KEY):
        message = f"there is a store at {path} already"
        raise AlreadyExists(message, hint="append to it with StoreWriter.open(path)")
    ours = {"events", "recordings", "index"}
    foreign = [] if not path.is_dir() else [p for p in path.iterdir() if p.name not in ours]
    if not path.is_dir() or any(not p.name.endswith(PARTIAL) for p in foreign):
        message = f"{path} is there already and is not an event store"
        raise AlreadyExists(message, hint="choose another path")
    if any(path.glob("events/*/c/*")):  # none are written before the first root document is
        message = f"{path} holds events, but its {ROOT_KEY} is gone"
        raise AlreadyExists(message, hint=f"restore {ROOT_KEY} from a saved version, or git")
