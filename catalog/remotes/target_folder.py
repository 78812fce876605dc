"""A folder on this machine that versions are published to, such as one a web server shows."""

import os
from pathlib import Path

from catalog.remotes.target import (
    changed_meanwhile,
    content_of,
    sha256_of,
    size_of,
    there_already,
)
from eventstore.digest import sha256_file
from eventstore.durable import DurableFolder


class FolderTarget:
    """A folder on this machine, such as one that a web server shows.

    Args:
        folder: the folder; made where it is absent.

    Examples:
        >>> from tempfile import mkdtemp
        >>> target = FolderTarget(Path(mkdtemp()) / "shelf")
        >>> target.put("a/b", b"12")
        >>> target.copy("a/b", "c")
        >>> target.read("c"), target.sizes()
        (b'12', {'a/b': 2, 'c': 2})
    """

    at_once = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def url(self) -> str:
        """The folder."""
        return str(self._folder)

    def read(self, path: str) -> bytes | None:
        """Return a file's content; None where there is none."""
        file = self._folder / path
        return file.read_bytes() if file.is_file() else None

    def sizes(self) -> dict[str, int]:
        """Return the size of every file, by path."""
        files = (file for file in self._folder.rglob("*") if file.is_file())
        return {f.relative_to(self._folder).as_posix(): f.stat().st_size for f in sorted(files)}

    def holds(self, path: str, source: Path | bytes) -> bool:
        """Say whether a file is there with this very content."""
        file = self._folder / path
        if not file.is_file() or file.stat().st_size != size_of(source):
            return False
        return sha256_file(file) == sha256_of(source)

    def same(self, path: str, other: str) -> bool:
        """Say whether two files have the same content."""
        one, two = self._folder / path, self._folder / other
        if not one.is_file() or not two.is_file():
            return False
        return one.samefile(two) or self.holds(other, one)

    def put(self, path: str, source: Path | bytes) -> None:
        """Write a file whole, replacing what is there."""
        writer = self._writer()
        writer.stage(path, [content_of(source)])
        writer.settle()

    def put_once(self, path: str, data: bytes) -> None:
        """Write a file that is not there yet."""
        if (self._folder / path).exists():
            raise there_already(self.url, path)
        self.put(path, data)

    def swap(self, path: str, data: bytes, expected: bytes | None) -> None:
        """Replace a file, if it still is what is expected."""
        if self.read(path) != expected:
            raise changed_meanwhile(self.url, path)
        self.put(path, data)

    def copy(self, source: str, path: str) -> None:
        """Link a file under another path: files are replaced, never changed."""
        final = self._folder / path
        partial_file = final.with_name(f".{final.name}.partial")
        final.parent.mkdir(parents=True, exist_ok=True)
        partial_file.unlink(missing_ok=True)
        try:
            os.link(self._folder / source, partial_file)
        except OSError:  # a file system without links
            self.put(path, self._folder / source)
            return
        partial_file.replace(final)
        partial_file.unlink(missing_ok=True)  # two names of one file are left as they are

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        (self._folder / path).unlink(missing_ok=True)

    def _writer(self) -> DurableFolder:
        self._folder.mkdir(parents=True, exist_ok=True)
        return DurableFolder(self._folder)
