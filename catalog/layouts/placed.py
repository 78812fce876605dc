"""Every file of the sources with its place, as if archives that lie in folders were unpacked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eventstore.errors import FormatError
from eventstore.readers.archive import is_archive
from eventstore.readers.archive_files import list_files
from eventstore.readers.source_item import SourceItem

TEXT_LIMIT = 1 << 26
"""Most bytes of a list or table beside recordings."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file of a source.

    Args:
        source: name of the source, as of a `Path`.
        place: path in the source; the source's own name where it is a file.
        full: the place behind the source's name, which patterns are held against.
        item: the file.
    """

    source: str
    place: str
    full: str
    item: SourceItem

    @property
    def bare(self) -> str:
        """The place without the name's suffix."""
        folder, slash, name = self.place.rpartition("/")
        return f"{folder}{slash}{name.rpartition('.')[0] or name}"

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return self.bare.rpartition("/")[2]

    def ends_with(self, name: str) -> bool:
        """Say whether a name is the file's, with as many folders as the name has.

        Examples:
            >>> from eventstore.readers.source_item import SourceItem
            >>> item = SourceItem(recording_id="", label=None, fold=None, name="", source="",
            ...     path=Path())
            >>> file = PlacedFile("a.zip", "lists/train.txt", "a.zip/lists/train.txt", item)
            >>> file.ends_with("train.txt"), file.ends_with("rain.txt")
            (True, False)
        """
        return f"/{self.full}".endswith(f"/{name}")

    def text(self) -> str:
        """Return the text of a list or table.

        Raises:
            FormatError: it is not UTF-8, or far too long.
        """
        data = self.item.open().data
        if len(data) > TEXT_LIMIT:
            message, found = "too long for a list", f"{len(data)} bytes"
            raise FormatError(message, path=self.item.name, found=found)
        try:
            return bytes(data).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message, hint = "not UTF-8 text", "fetch it again, or save it as UTF-8"
            raise FormatError(
                message, path=self.item.name, offset=error.start, hint=hint
            ) from error


def placed_files(sources: Sequence[Path]) -> list[PlacedFile]:
    """List the files of all sources in order; those of archives in a folder as if unpacked there.

    Raises:
        NotFound: there is no such source.
        FormatError: an archive is damaged or one of its members is unsafe.
    """
    return [file for source in sources for file in _of_source(source)]


def _of_source(source: Path) -> Iterator[PlacedFile]:
    name, whole = source.absolute().name, source.is_dir() or is_archive(source)
    for full, item in list_files(source):
        *folders, last = full.split("/")
        place = "/".join((*(part for part in folders if not _names_archive(part)), last))
        yield PlacedFile(name, place, f"{name}/{full}" if whole else name, item)


@cache
def _names_archive(name: str) -> bool:
    return is_archive(Path(name))
