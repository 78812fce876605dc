"""Files that must be what a reference map says: the right size, and the right sum where whole."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence

from eventstore.errors import IntegrityError, InvalidInput
from eventstore.files import ByteRange, Files


class CheckedFiles(Files):
    """Files of which size and sum are known.

    A file that is read whole is checked by its sum; of one that is read in parts, the size is
    looked at, and each chunk has a checksum of its own.

    Args:
        files: where they are read from.
        facts: size and sha256 of each.
        name: what messages call them.

    Examples:
        >>> from eventstore.files import MappedFiles
        >>> files = CheckedFiles(MappedFiles({"a": b"12"}), {"a": (3, "")}, name="nmnist@1.0.0")
        >>> files.read("a")
        Traceback (most recent call last):
        ...
        eventstore.errors.IntegrityError: nmnist@1.0.0: store:a has 2 bytes, recorded were 3
        hint: it was replaced or cut short over there: publish the version again
    """

    def __init__(self, files: Files, facts: Mapping[str, tuple[int, str]], *, name: str) -> None:
        self._files = files
        self._facts = dict(facts)
        self._name = name
        self._met: set[str] = set()
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def remote(self) -> bool:
        """Whether any of the files are remote."""
        return self._files.remote

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files, in one round trip where they were met before.

        Raises:
            IntegrityError: a file is not what was recorded.
            MissingContent: a file is not there.
            InvalidInput: these files were closed.
        """
        if self._is_closed:
            message = f"the store of {self._name} is closed"
            raise InvalidInput(message, hint="open it again")
        data = self._files.read_ranges(ranges)
        for key in dict.fromkeys(key for key, _, _ in ranges):
            self._check_size(key)
        for (key, start, stop), part in zip(ranges, data, strict=True):
            if start == 0 and stop is None and key in self._facts:
                self._check_sum(key, part)
        return data

    def size(self, key: str) -> int:
        """Return the size of a file in bytes, as it was recorded."""
        return self._facts[key][0] if key in self._facts else self._files.size(key)

    def where(self, key: str) -> str:
        """Return what the files themselves call it."""
        return self._files.where(key)

    def has(self, key: str) -> bool:
        """Say whether there ought to be such a file."""
        return key in self._facts

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Read these bytes anew next time."""
        self._files.forget(ranges)

    def close(self) -> None:
        """Refuse to read from now on; what texts are read from too stays open."""
        self._is_closed = True

    def __reduce__(self) -> tuple[Callable[..., "CheckedFiles"], tuple[object, ...]]:
        """Send to another process what it needs to begin anew."""
        return _begun, (self._files, self._facts, self._name)

    def _check_size(self, key: str) -> None:
        if key in self._met or key not in self._facts:
            return
        found, expected = self._files.size(key), self._facts[key][0]
        if found != expected:
            self._refuse(key, f"has {found} bytes, recorded were {expected}")
        with self._lock:
            self._met.add(key)

    def _check_sum(self, key: str, data: memoryview) -> None:
        expected = self._facts[key][1]
        if expected and hashlib.sha256(data).hexdigest() != expected:
            self._files.forget([(key, 0, None)])
            self._refuse(key, "has another sha256 than was recorded")

    def _refuse(self, key: str, said: str) -> None:
        message = f"{self._name}: {self._files.where(key)} {said}"
        hint = "it was replaced or cut short over there: publish the version again"
        raise IntegrityError(message, hint=hint)


def _begun(files: Files, facts: Mapping[str, tuple[int, str]], name: str) -> CheckedFiles:
    return CheckedFiles(files, facts, name=name)
