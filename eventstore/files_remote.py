"""Files that lie elsewhere: on S3, behind a web server, wherever fsspec reaches.

A read asks once for what is known of each file (its size, and a tag that changes with it), then
for all bytes together. What breaks off is asked for again, for the parts that failed only.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from eventstore.errors import InvalidInput, MissingContent
from eventstore.files import ByteRange, Files
from eventstore.remote_system import Facts, RemoteSystem
from eventstore.retry import Retry
from eventstore.spans import Span, join_spans, within

COMMIT = "zarr.json"
"""The root document of a store: while it is the same, so is the state that was published."""


class RemoteFiles(Files):
    """The files below a URL that fsspec understands.

    A store that is changed at its place while it is open is noticed when another of its files is
    first touched, and refused from then on. Change a copy and publish it under a URL of its own.

    Args:
        url: such as ``s3://bucket/events.zarr`` or ``https://host/events.zarr``.
        storage_options: what fsspec's file system takes, such as ``{"anon": True}`` for a public
            bucket.
        retry: how often to try, and how long to wait in between.

    Raises:
        InvalidInput: no such protocol, or options that its file system does not take.
        MissingExtra: the package for this protocol is not installed.

    Examples:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe("/bucket/a", b"0123")
        >>> files = RemoteFiles("memory://bucket")
        >>> files.read("a"), bytes(files.read_range("a", 1, 3)), files.where("a")
        (b'0123', b'12', 'memory://bucket/a')
    """

    remote = True

    def __init__(
        self,
        url: str,
        *,
        storage_options: Mapping[str, Any] | None = None,
        retry: Retry | None = None,
    ) -> None:
        self.url = url
        self._options, self._retry = storage_options or {}, retry or Retry()
        self._system = RemoteSystem(url, self._options, self._retry)
        self._facts: dict[str, Facts] = {}
        self._commit: bytes | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Callable[..., "RemoteFiles"], tuple[object, ...]]:
        """Send to another process what opens the files there: the URL and the options given."""
        return _reopened, (self.url, self._options, self._retry)

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files, in one round trip where the files are known.

        Raises:
            MissingContent: a file is not there, or the store was changed since it was opened.
            Unreachable: the server does not answer, breaks off each time, or refuses.
        """
        facts = self.facts(key for key, _, _ in ranges)
        spans = [(key, *within(facts[key].size, start, stop)) for key, start, stop in ranges]
        requests, places = join_spans(spans)
        data = self._system.fetch(requests)
        if self._commit is None and any(key == COMMIT for key, _, _ in ranges):
            self._keep_commit(facts[COMMIT], requests, data)
        return [memoryview(data[i])[first:last] for i, first, last in places]

    def facts(self, keys: Iterable[str]) -> dict[str, Facts]:
        """Return what is known of files; asked for once, for all that are new together.

        Raises:
            MissingContent: a file is not there, or the store was changed since it was opened.
            Unreachable: the server does not answer, or refuses.
            InvalidInput: these files were closed.
        """
        if self._is_closed:
            message = f"the store at {self.url} is closed"
            raise InvalidInput(message, hint="open it again")
        wanted = dict.fromkeys(keys)
        new = [key for key in wanted if key not in self._facts]
        if new:
            opened = self._facts.get(COMMIT)
            asked = [*new, COMMIT] if opened else new
            found = dict(zip(asked, self._system.ask(asked), strict=True))
            if opened and (found[COMMIT] != opened or self._says_other(opened)):
                message = f"{self.url} was changed since it was opened, and {new[0]} may be too"
                raise MissingContent(message, hint="the store was rewritten: open it again")
            with self._lock:
                self._facts |= found
        return {key: self._facts[key] for key in wanted}

    def _keep_commit(self, facts: Facts, spans: Sequence[Span], data: Sequence[bytes]) -> None:
        """Keep the root as it was read first, where only its bytes tell whether it changes."""
        for span, part in zip(spans, data, strict=True):
            if not facts.tag and span == (COMMIT, 0, facts.size):
                self._commit = part

    def _says_other(self, opened: Facts) -> bool:
        """Say whether the root's bytes differ by now from those first seen, if no tag tells."""
        if opened.tag:
            return False
        [data] = self._system.fetch([(COMMIT, 0, opened.size)])
        with self._lock:
            self._commit = data if self._commit is None else self._commit
        return data != self._commit

    def identity(self, key: str) -> str:
        """Return what tells one content of a file from all other contents of all other files.

        Raises:
            MissingContent: the file is not there.
            Unreachable: the server does not answer, or refuses.
        """
        return f"{self._system.endpoint} {self.where(key)} {self.facts([key])[key].tag}"

    def size(self, key: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            MissingContent: the file is not there.
            Unreachable: the server does not answer, or refuses.
        """
        return self.facts([key])[key].size

    def where(self, key: str) -> str:
        """Return the file's URL."""
        return self._system.where(key)

    def has(self, key: str) -> bool:
        """Say whether there is such a file.

        Raises:
            Unreachable: the server does not answer, or refuses.
        """
        try:
            self.facts([key])
        except MissingContent:
            return False
        return True

    def close(self) -> None:
        """Let go of the server; reading from now on is refused."""
        self._is_closed = True


def _reopened(url: str, options: Mapping[str, Any], retry: Retry) -> RemoteFiles:
    return RemoteFiles(url, storage_options=options, retry=retry)
