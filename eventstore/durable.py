"""Writes that are whole or absent: to a partial file, synced, then renamed into place."""

import os
from collections.abc import Iterable
from pathlib import Path

PARTIAL = ".partial"
"""Suffix of files not yet renamed; whatever carries it is left from a killed writer."""


class DurableFolder:
    """Stages files below a folder and moves them into place together.

    Nothing under its final name changes before :meth:`settle`; after it, all staged files have
    reached the disk. A kill in between leaves some of them in place: order dependent files in
    separate settlements.

    Args:
        root: the folder; made where absent.

    Example:
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

    def stage(self, key: str, parts: Iterable[bytes]) -> None:
        """Write a file's content beside its final place and wait until it is on the disk.

        Raises:
            OSError: the disk is full or refuses; nothing staged so far is left behind.
        """
        final = self.root / key
        partial = final.with_name(f".{final.name}{PARTIAL}")
        self._staged.append((partial, final))
        try:
            partial.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self.discard()
            raise

    def settle(self) -> None:
        """Rename all staged files into place and wait until the folders are on the disk."""
        folders = set()
        try:
            while self._staged:
                partial, final = self._staged[0]
                partial.replace(final)
                folders.update(_up_to(final.parent, self.root))
                del self._staged[0]
        except BaseException:
            self.discard()
            raise
        for folder in folders:
            sync_folder(folder)

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


def _up_to(folder: Path, root: Path) -> list[Path]:
    between = [folder, *folder.parents]
    return between[: between.index(root) + 1]
