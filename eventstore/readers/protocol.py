"""What a reader is: bytes of one recording in, packets of events out.

A reader decodes; what the events may be is checked once for all formats, in
`eventstore.readers.open`: no reader knows the bounds of the sensor, and a file cut short gives what
was before the cut, and a finding.
"""

import hashlib
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol, TypeAlias, runtime_checkable

from eventstore.errors import InvalidInput, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.files import fetch_command
from eventstore.findings import Finding
from eventstore.repairs.protocol import RepairReport
from eventstore.side import SideTable

PACKET_EVENTS = 1 << 20
"""Events per packet: bounds the memory of a decoder to a few tens of MiB."""

ORIGIN_LIMIT_US = 1 << 40
"""A clock that shows less than this (13 days) at the first event started with the recording."""

SideStreams: TypeAlias = Mapping[str, Callable[[], Iterator[SideTable]]]
"""What a file holds beside events, by kind; each call decodes the stream from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One recording of a file that holds several.

    Args:
        name: what tells it from the others: a dataset's path, a topic, a row; empty where the file
            holds one recording only.
        label: its class, where the file says.
        fold: its fold, where the file says.
    """

    name: str = ""
    label: str | None = None
    fold: str | None = None


WHOLE = Part()
"""The one recording of a file that holds no more."""


@dataclass(frozen=True, slots=True, eq=False)
class ByteSource:
    """The bytes of one recording, wherever they lie.

    Args:
        name: what messages call it: a path, or ``archive.zip:member``.
        data: all bytes; of a file they are mapped, not read.
        path: the file, where the bytes are one's whole content.
        part: name of the recording among several in these bytes; empty for the only one.

    Examples:
        >>> ByteSource("two.bin", memoryview(b"12")).suffix
        '.bin'
    """

    name: str
    data: memoryview
    path: Path | None = None
    part: str = ""
    _sha256: list[bytes] = field(default_factory=list, repr=False)

    @classmethod
    def map_file(cls, path: Path) -> "ByteSource":
        """Map a file into memory.

        Raises:
            NotFound: there is no such file.
            MissingContent: it is an annexed file whose content is not here.
            InvalidInput: it is a folder.
        """
        check_present(path)
        with path.open("rb") as file:
            empty = path.stat().st_size == 0  # an empty file cannot be mapped
            data = b"" if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return cls(str(path), memoryview(data), path)

    def of_part(self, part: str) -> "ByteSource":
        """Return the same bytes, with the recording among them that is meant."""
        return replace(self, part=part)

    @property
    def suffix(self) -> str:
        """The name's suffix in lower case, with its dot."""
        return Path(self.name).suffix.lower()

    def sha256(self) -> bytes:
        """Return the 32 bytes of the sha256 of the source as it stands; computed once."""
        if not self._sha256:
            self._sha256.append(hashlib.sha256(self.data).digest())
        return self._sha256[0]

    @contextmanager
    def local_path(self) -> Iterator[Path]:
        """Lend a path that holds the bytes, for libraries that open files by name.

        The bytes are written to a temporary file where they are not a file's own.
        """
        if self.path is not None:
            yield self.path
            return
        with NamedTemporaryFile(suffix=self.suffix) as file:
            file.write(self.data)
            file.flush()
            yield Path(file.name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One recording about to be decoded; iterate over ``packets`` once, or ``load`` it.

    Args:
        source: name of the bytes it comes from.
        sensor: geometry every event lies in.
        reader: name of the reader.
        zero_based: the file's clock starts with the recording, so times need no origin.
        packets: the events in file order, times as the file states them.
        meta: what else the file says, as text.
        side: frames, IMU samples and triggers, where the file has such.
        findings: what the reader noticed; complete once the packets are consumed.
        repairs: what was changed in its events; complete once the packets are consumed.
    """

    source: str
    sensor: Sensor
    reader: str
    zero_based: bool
    packets: Iterator[Events]
    meta: dict[str, str] = field(default_factory=dict)
    side: SideStreams = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    repairs: list[RepairReport] = field(default_factory=list)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from eventstore.notebook.recording_panel import recording_html

        return recording_html(self)

    def load(self) -> Events:
        """Decode everything that is left into one table."""
        return Events.gather(self.packets)


@runtime_checkable
class Reader(Protocol):
    """Decodes one file format; subclass `eventstore.testing.ReaderContract` to test one.

    A reader is a frozen dataclass; fields made with `eventstore.readers.options.option` can be set
    by a user (``--reader text:unit=us``).
    """

    @property
    def name(self) -> str:
        """Name in the table of readers."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes in lower case that the format's files carry."""

    @property
    def holds_many(self) -> bool:
        """Whether a file of the format can hold several recordings."""

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the bytes look like this format; cheap, looks at the beginning only."""

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the recordings of a file, in the order of the file.

        Raises:
            FormatError: the bytes are not of the format.
        """

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open the recording ``source.part`` names.

        Packets are decoded when asked for, in memory that does not grow with the file. Events may
        lie outside the sensor and run back in time: what to do about it is not the reader's to say.

        Args:
            source: its bytes.
            sensor: geometry, where the caller knows it; the file's own otherwise.

        Raises:
            FormatError: here or while packets are read, with the byte offset.
            NotFound: the file has no such part; lists those it has.
        """


class OneRecording:
    """Base of the readers whose files hold one recording each."""

    __slots__ = ()

    @property
    def holds_many(self) -> bool:
        """No."""
        return False

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """Return the one recording."""
        return (WHOLE,)


def choose_part(source: ByteSource, parts: Sequence[Part]) -> Part:
    """Return the part that a source means: the one it names, or the only one.

    Raises:
        NotFound: there is no part of that name.
        InvalidInput: there are several, and it names none.

    Examples:
        >>> parts = (Part(name="left"), Part(name="right"))
        >>> choose_part(ByteSource("a.h5", memoryview(b""), part="left"), parts).name
        'left'
    """
    if not source.part and len(parts) == 1:
        return parts[0]
    for part in parts:
        if part.name == source.part:
            return part
    names = [part.name for part in parts]
    if source.part:
        missing = NotFound.among(f"recording of {source.name}", source.part, names)
        raise missing
    listed = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
    message = f"{source.name} holds {len(parts)} recordings: {listed}"
    raise InvalidInput(message, hint="name one of them (--part), or ingest them all")


def check_present(path: Path) -> None:
    """Refuse a path that is no file with content on this machine.

    Raises:
        NotFound: there is no such file.
        MissingContent: it is an annexed file whose content is not here.
        InvalidInput: it is a folder, or no regular file.
    """
    if path.is_dir():
        message = f"{path} is a folder, not a recording"
        raise InvalidInput(message, hint="ingest a folder, or name one of the files in it")
    if path.is_symlink() and not path.exists():
        message = f"the content of {path} is not on this machine"
        raise MissingContent(message, hint=fetch_command(path))
    if not path.exists():
        message = f"no file {path}"
        raise NotFound(message, hint="check the spelling and the current folder")
    if not path.is_file():  # opening a pipe would wait for its other end for ever
        message = f"{path} is not a file of bytes, but a pipe, socket or device"
        raise InvalidInput(message, hint="write its bytes into a file, and read that")
