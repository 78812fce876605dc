"""What a reader is: bytes of one recording in, packets of events out."""

import hashlib
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from eventstore.errors import InvalidInput, MissingContent, NotFound
from eventstore.events import Events, Sensor
from eventstore.files import fetch_command
from eventstore.findings import Finding

PACKET_EVENTS = 1 << 20
"""Events per packet: bounds the memory of a decoder to a few tens of MiB."""

ORIGIN_LIMIT_US = 1 << 40
"""A clock that shows less than this (13 days) at the first event started with the recording."""


@dataclass(frozen=True, slots=True, eq=False)
class ByteSource:
    """The bytes of one recording, wherever they lie.

    Args:
        name: what messages call it: a path, or ``archive.zip:member``.
        data: all bytes; of a file they are mapped, not read.

    Examples:
        >>> ByteSource("two.bin", memoryview(b"12")).suffix
        '.bin'
    """

    name: str
    data: memoryview

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
        return cls(str(path), memoryview(data))

    @property
    def suffix(self) -> str:
        """The name's suffix in lower case, with its dot."""
        return Path(self.name).suffix.lower()

    def sha256(self) -> bytes:
        """Return the 32 bytes of the sha256 of the source as it stands."""
        return hashlib.sha256(self.data).digest()


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
        findings: what the reader noticed; complete once the packets are consumed.
    """

    source: str
    sensor: Sensor
    reader: str
    zero_based: bool
    packets: Iterator[Events]
    meta: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def load(self) -> Events:
        """Decode everything that is left into one table."""
        return Events.concatenate(list(self.packets))


@runtime_checkable
class Reader(Protocol):
    """Decodes one file format; subclass `eventstore.testing.ReaderContract` to test one."""

    @property
    def name(self) -> str:
        """Name in the table of readers."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes in lower case that the format's files carry."""

    @property
    def zero_based(self) -> bool:
        """Whether the format's clock starts with the recording."""

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the bytes look like this format; cheap, looks at the beginning only."""

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Args:
            source: its bytes.
            sensor: geometry, where the caller knows it; the file's own otherwise.

        Raises:
            FormatError: here or while packets are read, with the byte offset.
        """


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
