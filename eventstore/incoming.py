"""One recording on its way into a store: decoded, repaired, counted from its origin, described."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from eventstore.errors import SpikelakeError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.open import read_source
from eventstore.readers.protocol import ByteSource, Recording, SideStreams
from eventstore.readers.source_item import SourceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How the recordings of one ingest are read.

    Args:
        reader: name of the reader, with its options; by suffix and first bytes where absent.
        sensor: geometry, where the files don't tell.
        repairs: what to change in the events, in that order.
    """

    reader: str | None = None
    sensor: Sensor | None = None
    repairs: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Incoming:
    """One recording about to be stored; iterate over ``packets`` once.

    Args:
        sensor: geometry its events lie in.
        source: the bytes it is decoded from.
        t_origin_us: the source's own stamp of ``t = 0``.
        packets: its events, times from the origin.
        side: frames, IMU samples and triggers, times as the source states them.
        findings: what the reader noticed; complete once the packets are consumed.
        provenance: where it comes from and what was done to it; complete once the packets are
            consumed.
    """

    sensor: Sensor
    source: ByteSource
    t_origin_us: int
    packets: Iterator[Events]
    side: SideStreams
    findings: list[Finding]
    provenance: dict[str, object]


def read_incoming(item: SourceItem, options: ReadOptions) -> Incoming:
    """Open a recording and decode it up to its first event.

    Args:
        item: the recording.
        options: how to read it.

    Raises:
        FormatError: the file is bad, here or while packets are read.
        InvalidInput: it is not what a repair is for.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.readers import iter_sources
        >>> from eventstore.testing import tiny_folders
        >>> train, _ = tiny_folders(Path(mkdtemp()))
        >>> incoming = read_incoming(next(iter_sources(train)), ReadOptions())
        >>> sum(map(len, incoming.packets)), incoming.provenance["source"]
        (100, 'Train/left/0.bin')
    """
    source = item.open()
    reader = options.reader or item.reader
    recording = read_source(source, reader=reader, sensor=options.sensor, repairs=options.repairs)
    header = {name: _text(value) for name, value in recording.meta.items()}
    provenance: dict[str, object] = {
        "source": item.source,
        "reader": reader or recording.reader,
        **({"header": header} if header else {}),
    }
    t_origin_us, packets = from_origin(recording)
    return Incoming(
        sensor=recording.sensor,
        source=source,
        t_origin_us=t_origin_us,
        packets=_describing(recording, packets, provenance),
        side=recording.side,
        findings=recording.findings,
        provenance=provenance,
    )


def from_origin(recording: Recording) -> tuple[int, Iterator[Events]]:
    """Return the origin of a recording's times and its packets counted from there."""
    if recording.zero_based:
        return 0, recording.packets
    first = next((packet for packet in recording.packets if len(packet)), None)
    if first is None:
        return 0, iter(())
    origin = int(first.t[0])
    return origin, (packet.shifted(-origin) for packet in chain([first], recording.packets))


def _describing(
    recording: Recording, packets: Iterator[Events], provenance: dict[str, object]
) -> Iterator[Events]:
    """Pass packets on, and say at their end what was done and noticed."""
    yield from packets
    if recording.repairs:
        provenance["repairs"] = [report.to_dict() for report in recording.repairs]
    if recording.findings:
        provenance["findings"] = [
            {"check": f.check, "message": f.message} for f in recording.findings
        ]


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


@contextmanager
def naming(item: SourceItem) -> Iterator[None]:
    """Let errors name the file they are about."""
    try:
        yield
    except SpikelakeError as error:
        if item.name not in error.message:
            error.message = f"{item.name}: {error.message}"
        raise
