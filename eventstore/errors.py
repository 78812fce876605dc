"""The one exception tree of all four packages, grouped by what the caller would do about it.

    SpikelakeError(message, *, hint, kind)
    ├── InvalidInput      (also a ValueError)   an argument is wrong: correct the call
    ├── NotFound          (also a KeyError)     a name is unknown: pick one of those listed
    ├── AlreadyExists                           something is there already: choose another name
    ├── ReadOnly                                the thing must not change: open a writable one
    ├── FormatError                             a file is bad: path, byte offset, expected, found
    ├── IntegrityError                          stored bytes do not match their digest or checksum
    ├── MissingContent                          known bytes are not on this machine: fetch them
    ├── Unreachable                             a remote store fails or refuses: try again
    ├── MissingExtra      (also an ImportError) an optional package is absent: install it
    ├── DoesNotFit                              a model cannot go on a chip
    └── Conflict                                somebody else changed it meanwhile: reload and retry

A message says what happened, with the value and where; ``hint`` says what to do. ``kind`` is a
stable code to match on: members of `ErrorKind` are only ever added, never renamed.
"""

import difflib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar


class ErrorKind(StrEnum):
    """Stable codes of errors; append-only."""

    INVALID_INPUT = "invalid-input"
    NOT_FOUND = "not-found"
    ALREADY_EXISTS = "already-exists"
    READ_ONLY = "read-only"
    FORMAT = "format"
    INTEGRITY = "integrity"
    MISSING_CONTENT = "missing-content"
    MISSING_EXTRA = "missing-extra"
    DOES_NOT_FIT = "does-not-fit"
    CONFLICT = "conflict"
    UNREACHABLE = "unreachable"


class SpikelakeError(Exception):
    """Root of every error this project raises on purpose.

    Args:
        message: what happened, with the offending value and where.
        hint: what to do about it; shown on a line of its own.

    Examples:
        >>> print(SpikelakeError("no chip 'spek2f'", hint="did you mean 'speck2f'?"))
        no chip 'spek2f'
        hint: did you mean 'speck2f'?
    """

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID_INPUT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Let errors travel between processes whatever their arguments were called."""
        return _restored, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Return the message, with the hint on a second line where there is one."""
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


def _restored(
    kind: type[SpikelakeError], args: tuple[object, ...], state: dict[str, Any]
) -> SpikelakeError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__setstate__(state)
    return error


class InvalidInput(SpikelakeError, ValueError):
    """An argument is outside what the function accepts."""

    kind = ErrorKind.INVALID_INPUT


class NotFound(SpikelakeError, KeyError):
    """A name, recording, version or file is unknown."""

    kind = ErrorKind.NOT_FOUND

    @classmethod
    def among(cls, what: str, name: str, known: Iterable[str], *, hint: str = "") -> "NotFound":
        """Say that ``name`` is none of ``known``, and name the nearest match as the hint."""
        names = sorted(known)
        listed = ", ".join(names[:12]) + (f", … ({len(names)} in all)" if len(names) > 12 else "")
        near = difflib.get_close_matches(name, names, n=1)
        said = f"did you mean {near[0]!r}?" if near else hint
        return cls(f"no {what} {name!r} (known: {listed or 'none'})", hint=said)


class AlreadyExists(SpikelakeError):
    """The thing to be made is there already."""

    kind = ErrorKind.ALREADY_EXISTS


class ReadOnly(SpikelakeError):
    """The thing must not be changed through this handle."""

    kind = ErrorKind.READ_ONLY


class FormatError(SpikelakeError):
    """A file does not hold what its format demands.

    Args:
        message: what is wrong.
        path: the file, or ``archive.zip:member``.
        offset: byte offset of the first bad byte, or None where no byte is to blame.
        expected: what the format demands there.
        found: what stands there.
        hint: what to do about it.
    """

    kind = ErrorKind.FORMAT

    def __init__(
        self,
        message: str,
        *,
        path: str | Path,
        offset: int | None = None,
        expected: str = "",
        found: str = "",
        hint: str = "",
    ) -> None:
        where = str(path) + ("" if offset is None else f" at byte {offset}")
        detail = "".join(
            f"; {name} {value}"
            for name, value in (("expected", expected), ("found", found))
            if value
        )
        super().__init__(f"{where}: {message}{detail}", hint=hint)
        self.path = str(path)
        self.offset = offset
        self.expected = expected
        self.found = found


class IntegrityError(SpikelakeError):
    """Stored bytes do not match the digest or checksum recorded for them."""

    kind = ErrorKind.INTEGRITY


class MissingContent(SpikelakeError):
    """Bytes that the dataset knows of are not on this machine."""

    kind = ErrorKind.MISSING_CONTENT


class Unreachable(SpikelakeError):
    """A remote store does not answer, breaks off each time, or refuses our credentials."""

    kind = ErrorKind.UNREACHABLE


class MissingExtra(SpikelakeError, ImportError):
    """A feature needs an optional package that is not installed."""

    kind = ErrorKind.MISSING_EXTRA


class DoesNotFit(SpikelakeError):
    """A model breaks a limit of a chip."""

    kind = ErrorKind.DOES_NOT_FIT


class Conflict(SpikelakeError):
    """The thing was changed by somebody else in between."""

    kind = ErrorKind.CONFLICT
