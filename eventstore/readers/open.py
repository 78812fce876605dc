"""Read a file with the reader that knows it, repaired where that is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eventstore.errors import MissingExtra, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import READERS
from eventstore.readers.bounds import within_sensor
from eventstore.readers.options import named_reader
from eventstore.readers.protocol import ByteSource, Reader, Recording
from eventstore.repairs.apply import named_repairs, repaired
from eventstore.repairs.protocol import Subject

_WITHOUT_MARKS = frozenset({"aer", "atis"})
"""Readers of bare records, which only a suffix tells from other bytes."""


def read_file(
    path: Path,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    part: str = "",
    repairs: Sequence[str] = (),
) -> Recording:
    """Open one recorded file; decode it packet by packet, or whole with ``.load()``.

    Args:
        path: the file.
        reader: name of the reader, with options after a colon (``text:unit=us``); by suffix and
            first bytes where absent.
        sensor: geometry, where it is known; the file's own otherwise.
        part: name of the recording, where the file holds several.
        repairs: what to change in its events, in that order: names in
            `eventstore.repairs.REPAIRS`, with options after a colon (``unwrap:bits=24``).

    Raises:
        NotFound: no such file or part of it, or no reader knows it, or no such repair.
        InvalidInput: the file holds several recordings and none is named.
        FormatError: the file is bad, with the byte offset.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.writers.atis import write_atis
        >>> path = Path(mkdtemp()) / "two.bin"
        >>> write_atis(path, Events.of(t=[5, 8], x=[1, 2], y=[3, 3], p=[0, 1]))
        >>> read_file(path).load().t.tolist()
        [5, 8]
    """
    source = ByteSource.map_file(path).of_part(part)
    return read_source(source, reader=reader, sensor=sensor, repairs=repairs)


def read_source(
    source: ByteSource,
    *,
    reader: str | None = None,
    sensor: Sensor | None = None,
    repairs: Sequence[str] = (),
) -> Recording:
    """Open one recording whose bytes are at hand, such as a member of an archive.

    Raises:
        NotFound: no reader knows it, or it has no such part.
        InvalidInput: there are several recordings in it and none is named.
        FormatError: the bytes are bad, with the offset.
    """
    chosen = named_reader(reader) if reader is not None else find_reader(source)
    if source.part and not chosen.holds_many:
        message = f"no recording {source.part!r} in {source.name}: {chosen.name} files hold one"
        raise NotFound(message, hint="leave the part away")
    return ready(chosen.read(source, sensor=sensor), repairs)


def ready(recording: Recording, repairs: Sequence[str] = ()) -> Recording:
    """Return a recording that is repaired and held against its sensor as it is decoded.

    Args:
        recording: as a reader gives it.
        repairs: what to change in its events, in that order.

    Raises:
        NotFound: there is no such repair.
        FormatError: while packets are read: an event lies outside the sensor.
    """
    return within_sensor(_repaired(recording, repairs) if repairs else recording)


def _repaired(recording: Recording, repairs: Sequence[str]) -> Recording:
    assumed = any(finding.check == "geometry-assumed" for finding in recording.findings)
    subject = Subject(name=recording.source, sensor=recording.sensor, assumed=assumed)
    packets, reports = repaired(recording.packets, named_repairs(repairs), subject)
    return replace(recording, packets=packets, repairs=reports)


def read_events(
    path: Path | str, *, reader: str | None = None, sensor: Sensor | None = None, part: str = ""
) -> Events:
    r"""Decode one recorded file into a table; times as the file states them.

    Examples:
        >>> from tempfile import mkdtemp
        >>> file = Path(mkdtemp()) / "events.txt"
        >>> _ = file.write_text("0.000010 3 4 1\n0.000025 3 5 0\n")
        >>> read_events(file).t.tolist()
        [10, 25]
    """
    return read_file(Path(path), reader=reader, sensor=sensor, part=part).load()


def find_reader(source: ByteSource) -> Reader:
    """Return the reader that recognises the bytes.

    Raises:
        NotFound: none does; lists the suffixes that are known.
    """
    readers, missing = installed_readers()
    suffix = source.suffix
    claiming = [reader for reader in readers if suffix in reader.suffixes]
    for reader in claiming:
        if reader.sniff(source):
            return reader
    if not source.data:
        message = f"{source.name} is empty"
        raise NotFound(message, hint="an empty file is often a failed download: fetch it again")
    known = sorted({suffix for reader in readers for suffix in reader.suffixes})
    named = [reader.name for reader in claiming]
    if named:
        message = f"{source.name} does not look like {' or '.join(named)} data"
        hint = f"to decode it as that all the same, name the reader (--reader): {named[0]!r}"
    else:
        message = f"no reader for {suffix!r}: {source.name} (known: {', '.join(known)})"
        hint = f"name the reader of such a file (--reader): one of {', '.join(READERS)}"
    alike = _alike(source, readers)
    if alike:
        hint = f"it looks like {' or '.join(alike)} data: rename it, or name the reader (--reader)"
    raise NotFound(message, hint="; ".join([hint, *missing]))


def _alike(source: ByteSource, readers: Sequence[Reader]) -> list[str]:
    """Return the readers that would know the bytes under another suffix."""
    return [
        reader.name
        for reader in readers
        if source.suffix not in reader.suffixes
        and reader.name not in _WITHOUT_MARKS
        and reader.sniff(replace(source, name=f"{source.name}{reader.suffixes[0]}"))
    ]


def installed_readers() -> tuple[list[Reader], list[str]]:
    """Return the readers that can be used here, and how to install those that cannot."""
    readers, missing = [], []
    for name in READERS:
        try:
            readers.append(READERS[name])
        except MissingExtra as error:
            missing.append(f"for {name}: {error.hint}")
    return readers, missing
