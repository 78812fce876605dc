"""One maker of each file: by a lock on the file while it is partial, which the kernel drops.

The partial file lies beside its final name. Who has it locked makes it; the others wait, or go on
without. A maker that is killed leaves a partial file that nobody has locked: the next maker takes
it over, and `sweep` deletes those that nobody came for.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from eventstore.durable import PARTIAL

FIRST_LOOK_S, LAST_LOOK_S = 0.001, 0.05
"""How soon one who waits looks again, at first and in the end."""


class Claim:
    """The right to make a file; see `claim`."""

    def __init__(self, handle: int, final: Path) -> None:
        self._handle = handle
        self._final = final

    def write(self, data: UInt8[np.ndarray, " n"]) -> None:
        """Make the file: whole, or not at all.

        It is not waited for until it has reached the disk: it can be made again, and one that a
        crash of the machine damages is found by its checksum.

        Raises:
            OSError: the disk is full or refuses.
        """
        os.ftruncate(self._handle, 0)
        at, view = 0, data.data
        while at < len(view):
            at += os.pwrite(self._handle, view[at:], at)
        partial_place(self._final).replace(self._final)

    def release(self) -> None:
        """Let others make it, where it was not made."""
        with suppress(OSError):
            if os.path.samestat(os.fstat(self._handle), partial_place(self._final).stat()):
                partial_place(self._final).unlink()
        fcntl.flock(self._handle, fcntl.LOCK_UN)  # for forked children hold the file open too
        os.close(self._handle)


def partial_place(final: Path) -> Path:
    """Return where a file lies while it is made.

    Examples:
        >>> partial_place(Path("a/3.frames")).as_posix()
        'a/.3.frames.partial'
    """
    return final.with_name(f".{final.name}{PARTIAL}")


def claim(final: Path, *, patience_s: float) -> Claim | None:
    r"""Return the right to make a file, waiting for whoever has it; None after waiting in vain.

    Look whether the file is there once the right is held: somebody else may have made it.

    Args:
        final: the file.
        patience_s: how long to wait.

    Raises:
        OSError: the folder cannot be written to.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "3.frames"
        >>> mine = claim(path, patience_s=1.0)
        >>> claim(path, patience_s=0.0) is None
        True
        >>> mine.write(np.arange(3, dtype=np.uint8))
        >>> mine.release()
        >>> path.read_bytes()
        b'\x00\x01\x02'
    """
    found = try_claim(final)
    pause, until = FIRST_LOOK_S, time.monotonic() + patience_s
    while found is None and time.monotonic() < until:
        time.sleep(pause)
        pause = min(2 * pause, LAST_LOOK_S)
        found = try_claim(final)
    return found


def try_claim(final: Path) -> Claim | None:
    """Return the right to make a file; None where another has it.

    Raises:
        OSError: the folder cannot be written to.
    """
    partial = partial_place(final)
    while True:
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), partial.stat()):
                    return Claim(handle, final)
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # it was made, or given up, meanwhile


def sweep(folder: Path) -> int:
    """Delete the partial files of makers that were killed; return how many there were."""
    swept = 0
    for partial in folder.glob(f".*{PARTIAL}"):
        name = partial.name.removeprefix(".").removesuffix(PARTIAL)
        with suppress(OSError):
            left = try_claim(folder / name)
            if left is not None:
                left.release()
                swept += 1
    return swept
