"""Size and checksums of a file, taken as its bytes stream by, against what its publisher says."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from catalog.public.entry import PublicFile
from eventstore.errors import IntegrityError

STEP_BYTES = 1 << 20
"""Read, hashed and written at a time."""


class Facts(NamedTuple):
    """What a file's bytes are."""

    size: int
    md5: str
    sha256: str


class Sums:
    """Size, md5 and sha256 of bytes as they come.

    Examples:
        >>> sums = Sums()
        >>> sums.update(b"abc")
        >>> sums.facts().size, sums.facts().md5[:8]
        (3, '90015098')
    """

    def __init__(self) -> None:
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    def update(self, data: bytes) -> None:
        """Add the next bytes."""
        self.size += len(data)
        self._md5.update(data)
        self._sha256.update(data)

    def facts(self) -> Facts:
        """Return what the bytes so far are."""
        return Facts(self.size, self._md5.hexdigest(), self._sha256.hexdigest())


def sums_of(path: Path) -> Sums:
    """Return the sums of a file on the disk; more bytes may be added."""
    sums = Sums()
    with path.open("rb") as file:
        while step := file.read(STEP_BYTES):
            sums.update(step)
    return sums


def differences(file: PublicFile, facts: Facts) -> str:
    """Say in which ways the bytes are not what the publisher states; empty where they agree.

    Examples:
        >>> differences(PublicFile(name="a", urls=(), size=4), Facts(3, "", ""))
        'size: expected 4, found 3'
    """
    stated = (("size", file.size, facts.size), ("md5", file.md5, facts.md5))
    stated_too = ("sha256", file.sha256, facts.sha256)
    wrong = [
        f"{name}: expected {said}, found {found}"
        for name, said, found in (*stated, stated_too)
        if said and said != found
    ]
    return "; ".join(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Says that a file was checked as it stands now, so that a resumed run need not read it again.

    It lies beside the file, in ``.<name>.checked``.
    """

    inode: int
    size: int
    changed_ns: int
    md5: str
    sha256: str

    @classmethod
    def of(cls, path: Path, facts: Facts) -> "Stamp":
        """Return the stamp of a file that was just checked."""
        stat = path.stat()
        return cls(
            inode=stat.st_ino,
            size=stat.st_size,
            changed_ns=stat.st_mtime_ns,
            md5=facts.md5,
            sha256=facts.sha256,
        )

    def write(self, path: Path) -> None:
        """Keep it beside the file; worth nothing if lost, so nobody waits for the disk."""
        _stamp_path(path).write_text(json.dumps(asdict(self)), encoding="utf-8")


def checked_facts(file: PublicFile, path: Path, *, stamps: bool) -> Facts:
    """Check a file on this machine.

    Args:
        file: what it has to be.
        path: where it lies.
        stamps: believe, and leave, a stamp beside it; only where the folder is our own.

    Raises:
        IntegrityError: it is not what the publisher states.
    """
    facts = _stamped_facts(path) if stamps else None
    known = facts is not None
    facts = facts or sums_of(path).facts()
    wrong = differences(file, facts)
    if wrong:
        message = f"{path} is not the {file.name} that its publisher states ({wrong})"
        raise IntegrityError(message, hint="move it away, and try again: it will be fetched")
    if stamps and not known:
        Stamp.of(path, facts).write(path)
    return facts


_SUFFIX = ".checked"


def _stamp_path(path: Path) -> Path:
    return path.with_name(f".{path.name}{_SUFFIX}")


def _stamped_facts(path: Path) -> Facts | None:
    try:
        content = json.loads(_stamp_path(path).read_text(encoding="utf-8"))
        stamp = Stamp(**content)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    facts = Facts(stamp.size, stamp.md5, stamp.sha256)
    return facts if stamp == Stamp.of(path, facts) else None
