"""StoreWriter: append recordings to a store, one whole recording at a time."""

from collections.abc import Iterable, KeysView, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from eventstore.axis_writer import AxisWriter
from eventstore.checks import PacketChecks, check_recording
from eventstore.codecs import Tier, codecs_of
from eventstore.digest import NO_DIGEST, LogicalDigest
from eventstore.documents import DIGEST_BYTES
from eventstore.durable import PARTIAL, DurableFolder, sync_folder
from eventstore.encoders import Encoders
from eventstore.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.exchange import recover_exchange, standing_place
from eventstore.files import LocalFiles
from eventstore.lock import WriterLock
from eventstore.provenance import provenance_text
from eventstore.publish import Publisher, WriterState
from eventstore.recordings import RecordingRow, store_digest
from eventstore.schema import Head, Layout
from eventstore.side import SideTable
from eventstore.side_writer import SideWriter
from eventstore.staged_events import StagedEvents
from eventstore.store import ROOT_KEY, EventStore
from eventstore.table_writer import TableWriter


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

    def __init__(
        self, path: Path, head: Head, lock: WriterLock, *, threads: int | None = None
    ) -> None:
        """Take over a locked store whose published state is ``head``; see create and open."""
        self.path = path
        self._lock = lock
        self._published = head
        self._sensor = head.sensor
        self._encoders = Encoders(threads)
        folder = DurableFolder(path)
        self._publisher = Publisher(folder)
        self._events = AxisWriter(head.axis("events"), folder, self._encoders)
        self._side = SideWriter(head.layout, folder, self._encoders)
        self._table = TableWriter(head.layout, head.sensor.modality)

    @classmethod
    def create(
        cls,
        path: Path | str,
        sensor: Sensor,
        *,
        layout: Layout | None = None,
        tier: Tier = "archive",
        threads: int | None = None,
    ) -> Self:
        """Make an empty store and open it for writing.

        Args:
            path: the folder to make, such as ``events.zarr``.
            sensor: the sensor; it grows with the recordings.
            layout: how the store is cut.
            tier: ``"archive"``, or ``"fast"`` for a store that is larger and read faster.
            threads: threads to encode with; as many as there are cores where absent. The bytes
                written don't depend on it.

        Raises:
            AlreadyExists: there is a store, or anything else, at the path.
            Conflict: another writer has it open.
            NotFound: there is no such tier.
        """
        codecs_of(tier)
        path = Path(path).resolve()
        lock = WriterLock(path)
        try:
            _refuse_existing(path)
            head = Head(
                sensor=sensor,
                n_events=0,
                n_recordings=0,
                digest=store_digest([]),
                layout=layout or Layout(),
                tier=tier,
            )
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)
            writer = cls(path, head, lock, threads=threads)
            writer._publisher.publish(head, writer._state(), before=head)
        except BaseException:
            lock.release()
            raise
        return writer

    @classmethod
    def open(cls, path: Path | str, *, threads: int | None = None) -> Self:
        """Open an existing store for appending, at its published end.

        Args:
            path: the store's folder.
            threads: threads to encode with; as many as there are cores where absent.

        Raises:
            NotFound: there is no store at the path.
            Conflict: another writer has it open.
            MissingContent: the last shard is not on this machine; it is needed to go on.
        """
        path = Path(path).resolve()
        if not LocalFiles(standing_place(path)).has(ROOT_KEY):
            message = f"no event store at {path}"
            raise NotFound(message, hint="make one with StoreWriter.create(path, sensor)")
        lock = WriterLock(path)
        try:
            recover_exchange(path)
            with EventStore.open(path) as store:
                writer = cls(path, store.head, lock, threads=threads)
                writer._resume(store)
        except BaseException:
            lock.release()
            raise
        return writer

    def _resume(self, store: EventStore) -> None:
        """Take up the published end and clear away what a killed writer left behind it."""
        self._table.resume(store.recordings)
        self._events.resume(store.files, store.n_events, store.first_t)
        self._side.resume(store.files, store.head)
        self._publisher.recover(self._published, self._state())

    @property
    def sensor(self) -> Sensor:
        """The store's sensor, which holds those of all recordings so far."""
        return self._sensor

    @property
    def layout(self) -> Layout:
        """How the store is cut."""
        return self._published.layout

    @property
    def tier(self) -> Tier:
        """Tier of the store's codecs."""
        return self._published.tier

    @property
    def digest(self) -> str:
        """Logical digest of the published state, in hex."""
        return self._published.digest

    @property
    def n_events(self) -> int:
        """Events so far, unpublished ones included."""
        return self._events.n_rows

    @property
    def n_recordings(self) -> int:
        """Recordings so far, unpublished ones included."""
        return len(self._table)

    @property
    def recording_ids(self) -> KeysView[str]:
        """Ids of all recordings, unpublished ones included."""
        return self._table.ids

    @property
    def n_unpublished(self) -> int:
        """Events appended since the last publication."""
        return self.n_events - self._published.n_events

    def row(self, recording_id: str) -> RecordingRow:
        """Return what is known of a recording, published or not.

        Raises:
            NotFound: no such recording.
        """
        if recording_id not in self._table.ids:
            missing = NotFound.among("recording", recording_id, self._table.ids)
            raise missing
        return self._table.row(recording_id)

    def append(
        self,
        recording_id: str,
        packets: Iterable[Events],
        *,
        t_origin_us: int = 0,
        source_sha256: bytes = NO_DIGEST,
        sensor: Sensor | None = None,
        provenance: Mapping[str, object] | None = None,
        side: Mapping[str, Iterable[SideTable]] | None = None,
    ) -> RecordingRow:
        """Append one recording; it is seen by readers after the next `publish`.

        Args:
            recording_id: a new id.
            packets: its events in order, times in µs from the recording's start.
            t_origin_us: the source's own stamp of ``t = 0``; side streams are moved by it.
            source_sha256: sha256 of the source's bytes; only recorded.
            sensor: the recording's own sensor where it is not the store's; the store's grows to
                hold it.
            provenance: where it came from and what was done to it, in values of JSON: by custom
                ``source``, ``reader``, ``repairs`` and ``header``; only recorded, as it is once
                the packets are consumed.
            side: frames, IMU samples and triggers by kind, a table at a time, times as the source
                states them.

        Raises:
            AlreadyExists: the id is in the store.
            InvalidInput: time runs backwards or is negative, an event lies outside the sensor, the
                sensor is of another modality, or provenance is not JSON. The recording then leaves
                no trace.
            NotFound: a kind of side stream that there is not.
        """
        own = sensor or self._sensor
        self._check_new(recording_id, own, source_sha256)
        checks, digest = PacketChecks(recording_id, own), LogicalDigest(own)
        events, streams = self._events.mark(), self._side.mark()
        try:
            for packet in packets:
                checks.check(packet)
                digest.update(packet)
                self._events.add({name: packet.column(name) for name in own.columns})
            side_digest = self._side.take(side or {}, t_origin_us)
            text = provenance_text(provenance)
        except BaseException:
            self._events.roll_back(events)
            self._side.roll_back(streams)
            raise
        self._side.end_recording(self.n_recordings, streams)
        row = RecordingRow(
            recording_id=recording_id,
            start=events.n_rows,
            n_events=self.n_events - events.n_rows,
            t_origin_us=t_origin_us,
            t_stop=checks.t_stop,
            sensor=own,
            digest=digest.digest(),
            side_digest=side_digest,
            source_sha256=source_sha256,
        )
        self._table.append(row, text)
        self._sensor = union(self._sensor, own)
        return row

    def append_encoded(
        self,
        recordings: Sequence[tuple[RecordingRow, Mapping[str, object]]],
        pieces: Iterable[StagedEvents],
        *,
        side: Mapping[str, Iterable[SideTable]] | None = None,
    ) -> None:
        """Append recordings whose events were checked and encoded elsewhere: all of them, or none.

        Args:
            recordings: what is known of each, in order, with its provenance; where its rows begin
                is found here.
            pieces: all of their events, from the writer's present end on.
            side: side streams, where it is one recording only; as `append`.

        Raises:
            AlreadyExists: an id is in the store.
            InvalidInput: a recording is of another modality.
            Conflict: there are other than all of their events.
        """
        texts = [provenance_text(provenance) for _, provenance in recordings]
        for row, _ in recordings:
            self._check_new(row.recording_id, row.sensor, row.source_sha256)
        events, streams = self._events.mark(), self._side.mark()
        try:
            for piece in pieces:
                self._carry(piece)
            _check_sum(self.n_events - events.n_rows, [row.n_events for row, _ in recordings])
            side_digest = self._side.take(side, recordings[0][0].t_origin_us) if side else None
        except BaseException:
            self._events.roll_back(events)
            self._side.roll_back(streams)
            raise
        start = events.n_rows
        for (row, _), text in zip(recordings, texts, strict=True):
            self._side.end_recording(self.n_recordings, streams)
            digest = side_digest or row.side_digest
            self._table.append(replace(row, start=start, side_digest=digest), text)
            self._sensor = union(self._sensor, row.sensor)
            start += row.n_events

    def _carry(self, piece: StagedEvents) -> None:
        self._events.add({name: piece.head.column(name) for name in piece.columns})
        for chunks, first_t in piece.chunks():
            self._events.carry(chunks, first_t)
        self._events.add({name: piece.rest.column(name) for name in piece.columns})

    def _check_new(self, recording_id: str, sensor: Sensor, source_sha256: bytes) -> None:
        if recording_id in self._table.ids:
            message = f"recording {recording_id!r} is in {self.path} already"
            raise AlreadyExists(message, hint="give it another id, or skip it (resume)")
        check_recording(recording_id, sensor, self._sensor)
        if len(source_sha256) != DIGEST_BYTES:
            message = f"source_sha256 has {len(source_sha256)} bytes, expected {DIGEST_BYTES}"
            raise InvalidInput(message, hint="pass hashlib.sha256(...).digest()")

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
            digest=self._table.digest(),
            layout=self.layout,
            tier=self.tier,
            side=self._side.lengths(),
        )
        self._publisher.publish(head, self._state(), before=self._published)
        self._published = head
        self._table.forget_published()

    def _state(self) -> WriterState:
        return WriterState(self._events, self._side, self._table)

    def close(self) -> None:
        """Let go of the store without publishing."""
        self._encoders.close()
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


def union(one: Sensor, other: Sensor) -> Sensor:
    """Return the smallest sensor that holds both, of one modality.

    Examples:
        >>> union(Sensor(34, 20), Sensor(8, 30))
        Sensor(width=34, height=30, modality='vision')
    """
    return Sensor(max(one.width, other.width), max(one.height, other.height), one.modality)


def _check_sum(n_events: int, lengths: Sequence[int]) -> None:
    if n_events != sum(lengths):
        message = f"{n_events} events came for recordings of {sum(lengths)}"
        raise Conflict(message, hint="their sources were written to meanwhile: start again")


def _refuse_existing(path: Path) -> None:
    """Refuse to create over anything but what a writer killed at its very start left."""
    if standing_place(path) != path or LocalFiles(path).has(ROOT_KEY):
        message = f"there is a store at {path} already"
        raise AlreadyExists(message, hint="append to it with StoreWriter.open(path)")
    if not path.exists():
        return
    ours = {"events", "recordings", "index", "side"}
    foreign = [] if not path.is_dir() else [p for p in path.iterdir() if p.name not in ours]
    if not path.is_dir() or any(not p.name.endswith(PARTIAL) for p in foreign):
        message = f"{path} is there already and is not an event store"
        raise AlreadyExists(message, hint="choose another path")
    if any(path.glob("events/*/c/*")):  # none are written before the first root document is
        message = f"{path} holds events, but its {ROOT_KEY} is gone"
        raise AlreadyExists(message, hint=f"restore {ROOT_KEY} from a saved version, or git")
