"""Record what a running chip tells into a dataset, part by part, so that a kill costs little.

Spikes become recordings of channels, one channel a monitored neuron. A part ends after so much
time or so many spikes; then it is published, and described in ``recordings.tsv``. Killed at any
moment, the dataset holds every part that was published, whole, and a recorder that is started
again under the same name goes on with the next number.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.recording_table import Provenance
from catalog.tree import STORE, WorkTree
from devices.monitor import Channels, EventSource, OutputSpikes
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput
from eventstore.schema import Layout
from eventstore.store import ROOT_KEY, EventStore

PART_US = 10_000_000
"""A kill loses at most so much of a recording."""

PART_SPIKES = 1 << 20
"""A part ends earlier where so many spikes have come."""

READER = "monitor"
"""What a recording's provenance names as its reader."""

IDLE_S = 0.005
"""How long to wait for a source that has nothing to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was recorded.

    Args:
        recordings: ids of the parts, in order.
        n_spikes: spikes in all.
        t_first_us: first spike, on the source's clock; None: there was none.
        t_last_us: last spike.
        n_disordered: spikes that came after a later one, and were put in order.
    """

    recordings: tuple[str, ...] = ()
    n_spikes: int = 0
    t_first_us: int | None = None
    t_last_us: int | None = None
    n_disordered: int = 0


def record_monitor(
    source: EventSource,
    dataset: Dataset,
    recording: str,
    *,
    part_us: int = PART_US,
    part_spikes: int = PART_SPIKES,
    seconds: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Recorded:
    """Append the spikes that a source tells to a dataset, until it ends or is interrupted.

    Args:
        source: a board, or a simulation of one.
        dataset: the dataset; its store is made where absent.
        recording: name of the recording; its parts are ``recording/0000``, ``recording/0001``, …
        part_us: length of a part.
        part_spikes: most spikes of a part.
        seconds: end after so much time, as people measure it; None: go on.
        progress: told the number of spikes so far.

    Raises:
        Conflict: something else writes to the dataset.
        InvalidInput: the dataset is of a camera, or the source tells a neuron it has not.
    """
    if part_us < 1 or part_spikes < 1:
        message = f"parts of {part_us} µs and {part_spikes} spikes"
        raise InvalidInput(message, hint="give positive numbers")
    channels = Channels(shapes=source.shapes)
    with _opened(dataset, channels) as writer:
        parts = _Parts(source, dataset, recording, writer, channels)
        parts.check_modality()
        _run(source, parts, (part_us, part_spikes), seconds, progress)
        return parts.recorded()


def _opened(dataset: Dataset, channels: Channels) -> StoreWriter:
    """Open the store for writing, made where absent; describe what a killed recorder left."""
    store = dataset.root / STORE
    if not (store / ROOT_KEY).is_file():
        layout = Layout(shard_events=PART_SPIKES)
        return StoreWriter.create(store, channels.sensor, layout=layout)
    writer = StoreWriter.open(store)
    with EventStore.open(store) as held:
        told = {
            name: Provenance(str(held.recordings.provenance(row).get("source", "")), "")
            for row, name in enumerate(held.recordings.ids)
            if held.recordings.provenance(row).get("reader") == READER
        }
    describe_intake(WorkTree(dataset.root), Intake([], told, {}))
    return writer


def _run(
    source: EventSource,
    parts: "_Parts",
    most: tuple[int, int],
    seconds: float | None,
    progress: Callable[[int], None] | None,
) -> None:
    began = time.monotonic()
    try:
        while seconds is None or time.monotonic() - began < seconds:
            spikes = source.read()
            if spikes is None:
                break
            parts.take(spikes, *most)
            if progress is not None:
                progress(parts.n_spikes)
            if not len(spikes):
                time.sleep(IDLE_S)
    except KeyboardInterrupt:  # how people end a recording
        pass
    finally:
        parts.flush()


@dataclass(slots=True)
class _Parts:
    """The recording in progress: what came and is not published yet, and what was."""

    source: EventSource
    dataset: Dataset
    recording: str
    writer: StoreWriter
    channels: Channels
    waiting: list[OutputSpikes] = field(default_factory=list)
    since: float = 0.0
    n_spikes: int = 0
    n_disordered: int = 0
    ids: list[str] = field(default_factory=list)
    t_first: int | None = None
    t_last: int | None = None
    started: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds")
    )

    def check_modality(self) -> None:
        """Refuse a dataset of a camera before anything is waited for."""
        if self.writer.sensor.modality != "audio":
            message = f"{self.dataset.root} holds recordings of a camera, spikes of a chip are "
            message += "channels"
            hint = "record into a dataset of its own: spikelake dataset create"
            raise InvalidInput(message, hint=hint)

    def take(self, spikes: OutputSpikes, part_us: int, part_spikes: int) -> None:
        """Add spikes, and publish what makes a part."""
        if len(spikes):
            self.since = time.monotonic()
        elif self.waiting and time.monotonic() - self.since >= part_us / 1e6:
            self.flush()  # the source is silent, so its clock does not tell that the part is over
        while len(spikes):
            t_first = self.waiting[0].t[0] if self.waiting else spikes.t[0]
            room = part_spikes - sum(map(len, self.waiting))
            late = np.flatnonzero(spikes.t >= t_first + part_us)
            n = min(room, int(late[0]) if len(late) else len(spikes))
            if n:
                self.waiting.append(spikes[:n])
            self.n_spikes += n
            spikes = spikes[n:]
            if len(spikes) or n == room:
                self.flush()

    def flush(self) -> None:
        """Publish what waits as one recording, and describe it."""
        if not self.waiting:
            return
        came = OutputSpikes.joined(self.waiting)
        back = int((np.diff(came.t) < 0).sum())
        spikes = came[np.argsort(came.t, kind="stable")] if back else came
        origin = int(spikes.t[0])
        name = self._next_id()
        source = f"{self.source.chip}, started {self.started}"
        self.writer.append(
            name,
            [self.channels.events(spikes, origin)],
            t_origin_us=origin,
            sensor=self.channels.sensor,
            provenance={
                "source": source,
                "reader": READER,
                "chip": self.source.chip,
                "config_digest": self.source.config_digest,
                "started": self.started,
                "part": len(self.ids),
                "disordered": back,
                "cores": self.channels.facts(),
            },
        )
        self.writer.publish()
        self.waiting = []
        self.n_disordered += back
        self.ids.append(name)
        self.t_first = origin if self.t_first is None else min(self.t_first, origin)
        self.t_last = max(int(spikes.t[-1]), self.t_last or 0)
        described = {name: Provenance(source, "")}
        describe_intake(WorkTree(self.dataset.root), Intake([], described, {}))

    def _next_id(self) -> str:
        first = f"{self.recording}/"
        numbers = [
            int(name.removeprefix(first))
            for name in self.writer.recording_ids
            if name.startswith(first) and name.removeprefix(first).isdigit()
        ]
        return f"{first}{max(numbers, default=-1) + 1:04d}"

    def recorded(self) -> Recorded:
        """Return what was recorded."""
        return Recorded(
            recordings=tuple(self.ids),
            n_spikes=self.n_spikes,
            t_first_us=self.t_first,
            t_last_us=self.t_last,
            n_disordered=self.n_disordered,
        )
