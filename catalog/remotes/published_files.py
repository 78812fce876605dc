"""Files of a version's store that are not here, read from where the version was published."""

import threading
from collections.abc import Callable, Sequence

from catalog.versions import Version
from eventstore.errors import IntegrityError, MissingContent, SpikelakeError
from eventstore.files import ByteRange, Files


class PublishedFiles(Files):
    """The store of a version at the first of some places that has it.

    Nothing is asked for before something is read, so that a clone opens without a network.

    Args:
        urls: where the version was published.
        version: the version, as it is recorded here; what is recorded there must be the same.
        fetch_hint: the command that brings absent content here.
    """

    remote = True

    def __init__(self, urls: Sequence[str], version: Version, *, fetch_hint: str) -> None:
        self._urls = list(urls)
        self._version = version
        self._fetch_hint = fetch_hint
        self._found: Files | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Callable[..., "PublishedFiles"], tuple[object, ...]]:
        """Send to another process where to look."""
        return _looking, (self._urls, self._version, self._fetch_hint)

    def read_ranges(self, ranges: Sequence[ByteRange]) -> list[memoryview]:
        """Return parts of files.

        Raises:
            MissingContent: none of the places can be read; says why of each.
        """
        return self._files().read_ranges(ranges) if ranges else []

    def size(self, key: str) -> int:
        """Return the size of a file in bytes."""
        return self._files().size(key)

    def where(self, key: str) -> str:
        """Return where a file is looked for."""
        return f"{self._urls[0]}@{self._version.version}:{key}"

    def has(self, key: str) -> bool:
        """Say whether there ought to be such a file: only those are asked for here."""
        return bool(key)

    def forget(self, ranges: Sequence[ByteRange]) -> None:
        """Read these bytes anew next time."""
        self._files().forget(ranges)

    def close(self) -> None:
        """Let go of the place."""
        if self._found is not None:
            self._found.close()

    def _files(self) -> Files:
        with self._lock:
            if self._found is None:
                self._found = self._look()
            return self._found

    def _look(self) -> Files:
        from catalog.remotes.remote_tree import RemoteTree
        from catalog.remotes.site import Site

        said = []
        for url in self._urls:
            try:
                site = Site(url)
                there = site.version(self._version.version)
                if there.tree != self._version.tree or there.references != self._version.references:
                    message = f"{url} has another version {self._version.version}"
                    raise IntegrityError(message)
                return RemoteTree(site, there).store_files()
            except SpikelakeError as error:
                said.append(error.message)
        message = (
            f"the events of version {self._version.version} are not on this machine, "
            f"and not to be had where it was published: {'; '.join(said)}"
        )
        raise MissingContent(message, hint=self._fetch_hint)


def _looking(urls: Sequence[str], version: Version, fetch_hint: str) -> PublishedFiles:
    return PublishedFiles(urls, version, fetch_hint=fetch_hint)
