"""Writes that are whole or absent: to a partial file, synced, then renamed into place."""

import os
from collections.abc import Iterable
from pathlib import Path

PARTIAL = ".partial"
"""Suffix of files not yet renamed; whatever carries it is left from a killed writer."""


class DurableFolder:
    """Stages files below a folder and moves them into place together.

    Nothing under its final name changes before `settle`; after it, all staged files have
    reached the disk. A kill in between leaves some of them in place: order dependent files in
    separate settlements.

    Args:
        root: the folder, with a parent that exists.

    Examples:
        >>> from tempfile import mkdtemp
        >>> folder = DurableFolder(Path(mkdtemp()))
        >>> folder.stage("a/b", [b"12", b"3"])
        >>> folder.settle()
        >>> (folder.root / "a" / "b").read_bytes()
        b'123'
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._staged: list[tuple[Path, Path]] = []
        self._unsynced: set[Path] = set()

    def stage(self, key: str, parts: Iterable[bytes], *, derived: bool = False) -> None:
        """Write a file's content beside its final place and wait until it is on the disk.

        Args:
            key: path below the folder.
            parts: the content's pieces.
            derived: the file can be made again from others, so do not wait for the disk.

        Raises:
            OSError: the disk is full or refuses; nothing staged so far is left behind.
        """
        final = self.root / key
        partial = final.with_name(f".{final.name}{PARTIAL}")
        self._staged.append((partial, final))
        try:
            self._make_folder(final.parent)
            with partial.open("wb") as file:
                file.writelines(parts)
                file.flush()
                if not derived:
                    os.fsync(file.fileno())
                    self._unsynced.add(final.parent)
        except BaseException:
            self.discard()
            raise

    def _make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir()
            self._unsynced.add(folder.parent)

    def settle(self) -> None:
        """Rename all staged files into place and wait until the folders are on the disk."""
        try:
            while self._staged:
                partial, final = self._staged[0]
                partial.replace(final)
                del self._staged[0]
        except BaseException:
            self.discard()
            raise
        while self._unsynced:
            sync_folder(self._unsynced.pop())

    def discard(self) -> None:
        """Remove what is staged."""
        for partial, _ in self._staged:
            partial.unlink(missing_ok=True)
        self._staged.clear()

    def sweep(self) -> None:
        """Remove the partial files that a killed writer left."""
        for partial in self.root.rglob(f".*{PARTIAL}"):
            partial.unlink()


def sync_folder(folder: Path) -> None:
    """Wait until a folder's entries are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
