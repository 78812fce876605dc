"""A download that is not whole yet, and from which mirror it comes.

    .train.zip.1f2e3d4c.partial     the bytes so far
    .train.zip.1f2e3d4c.note        URL, validator, size of the whole, bytes known to be on the disk

Bytes of two mirrors are never mixed: each has a partial file of its own, named after the URL.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from catalog.public.entry import PublicFile
from catalog.public.sums import STEP_BYTES, Facts, Sums
from eventstore.durable import PARTIAL, sync_folder

SYNC_BYTES = 64 << 20
"""After so many bytes they are brought to the disk, and it is noted that they are there."""

_NOTE = ".note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the bytes of a partial file are the beginning of."""

    url: str
    validator: str = ""
    total: int | None = None
    synced: int = 0


class Partial:
    """The partial file of one file from one mirror.

    Args:
        final: where the whole file will lie.
        file: what the publisher states of it.
        url: the mirror.
    """

    def __init__(self, final: Path, file: PublicFile, url: str) -> None:
        mark = hashlib.sha256(url.encode()).hexdigest()[:8]
        self._final = final
        self._path = final.with_name(f".{final.name}.{mark}{PARTIAL}")
        self._note_path = final.with_name(f".{final.name}.{mark}{_NOTE}")
        self.note = Note(url=url)
        self.sums = Sums()
        self._opened: BinaryIO | None = None
        final.parent.mkdir(parents=True, exist_ok=True)
        self._take_up(checked_later=bool(file.stated))

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._path.parent

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.sums.size

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there."""
        return bool(self.size) and self.size == self.note.total

    def _take_up(self, *, checked_later: bool) -> None:
        """Go on with what an earlier run left, as far as that is safe.

        A power cut leaves a file as long as it was and its end empty. A checksum finds that later;
        where there is none, only bytes that were waited for count.
        """
        try:
            note = Note(**json.loads(self._note_path.read_text(encoding="utf-8")))
            length = self._path.stat().st_size
        except (FileNotFoundError, ValueError, TypeError):
            return
        safe = length if checked_later else min(length, note.synced)
        if note.url != self.note.url or not (note.validator or checked_later):
            return
        with self._path.open("rb") as begun:
            while (room := safe - self.sums.size) and (step := begun.read(min(STEP_BYTES, room))):
                self.sums.update(step)
        self.note = replace(note, synced=min(note.synced, self.sums.size))

    def begin(self, *, validator: str, total: int | None) -> None:
        """Start from the first byte, whatever was there."""
        self.discard()
        self.note = Note(url=self.note.url, validator=validator, total=total)
        self._write_note()

    def write(self, data: bytes) -> None:
        """Add the next bytes.

        Raises:
            OSError: the disk is full or refuses.
        """
        if self._opened is None:
            self._opened = self._path.open("r+b" if self.size else "wb")
            self._opened.truncate(self.size)
            self._opened.seek(self.size)
        self._opened.write(data)
        self.sums.update(data)
        if self.size - self.note.synced >= SYNC_BYTES:
            self.sync()

    def sync(self) -> None:
        """Wait until the bytes are on the disk, and note it."""
        if self._opened is not None:
            self._opened.flush()
            os.fsync(self._opened.fileno())
            self.note = replace(self.note, synced=self.size)
            self._write_note()

    def close(self) -> None:
        """Keep what there is for a later run."""
        if self._opened is not None:
            try:
                self.sync()
            finally:
                self._opened.close()
                self._opened = None

    def discard(self) -> None:
        """Remove it: its bytes are wrong."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self.sums = Sums()
        self.note = Note(url=self.note.url)
        self._path.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)

    def settle(self) -> Facts:
        """Move the whole, checked file into place, and remove what other mirrors began."""
        self.close()
        with self._path.open("rb") as whole:  # also where it was all there when this run began
            os.fsync(whole.fileno())
        self._path.replace(self._final)
        sync_folder(self._final.parent)
        for left in leftovers(self._final):
            left.unlink()
        return self.sums.facts()

    def _write_note(self) -> None:
        written = self._note_path.with_name(self._note_path.name + ".new")
        written.write_text(json.dumps(asdict(self.note)), encoding="utf-8")
        written.replace(self._note_path)


def leftovers(final: Path) -> Iterator[Path]:
    """Iterate over what unfinished downloads of a file left behind, of any mirror.

    Examples:
        >>> list(leftovers(Path("no-such-folder/a.zip")))
        []
    """
    head = f".{final.name}."
    if final.parent.is_dir():
        for path in list(final.parent.iterdir()):
            mark, _, kind = path.name.removeprefix(head).partition(".")
            ours = path.name.startswith(head) and len(mark) == 8
            if ours and f".{kind}" in {PARTIAL, _NOTE, _NOTE + ".new"}:
                yield path


def bytes_begun(final: Path) -> int:
    """Return how many bytes of a file an earlier run brought, from the mirror that gave most."""
    parts = [p.stat().st_size for p in leftovers(final) if p.name.endswith(PARTIAL)]
    return max(parts, default=0)
