"""What a writer is: packets of events in, one whole file out."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from eventstore.durable import PARTIAL
from eventstore.events import Events, Sensor
from eventstore.readers.protocol import SideStreams


@runtime_checkable
class Writer(Protocol):
    """Encodes one file format.

    A writer is a frozen dataclass; fields made with `eventstore.plugin_options.option` can be set
    by a user (``--writer text:unit=us``).
    """

    @property
    def name(self) -> str:
        """Name in the table of writers; that of the reader which reads the file again."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes in lower case that ask for this format, the usual one first."""

    @property
    def side_kinds(self) -> tuple[str, ...]:
        """Kinds of side streams that the format keeps; others are left out of the file."""

    def write(
        self,
        path: Path,
        packets: Iterable[Events],
        *,
        sensor: Sensor,
        meta: Mapping[str, str] | None = None,
        side: SideStreams | None = None,
    ) -> None:
        """Write a file whole or not at all, in memory that does not grow with its length.

        Args:
            path: the file; one that is there is replaced.
            packets: its events in order, with the times to be written.
            sensor: geometry they lie in, stated where the format can.
            meta: what else is known, stated where the format can.
            side: frames, IMU samples and triggers, kept where the format can.

        Raises:
            InvalidInput: the format cannot hold one of the events; names the first.
            OSError: the disk is full or refuses; nothing is left behind.
        """


@contextmanager
def partial_path(path: Path) -> Iterator[Path]:
    """Lend a path beside a file; what is written there takes the file's place at a clean end.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "one.bin"
        >>> with partial_path(path) as partial:
        ...     _ = partial.write_bytes(b"12")
        >>> [file.name for file in path.parent.iterdir()]
        ['one.bin']
    """
    partial = path.with_name(f".{path.name}{PARTIAL}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that is there at a clean end of the block, and not before.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "one.bin"
        >>> with whole_file(path) as file:
        ...     _ = file.write(b"12")
        >>> path.read_bytes()
        b'12'
    """
    with partial_path(path) as partial, partial.open("w+b") as file:
        yield file
