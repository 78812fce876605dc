"""The files of a published version, read where they lie; no git, no datalad, nothing copied."""

import hashlib
from pathlib import Path, PurePosixPath

from catalog.remotes.checked_files import CheckedFiles
from catalog.remotes.layout import WITHDRAWN_PLACE
from catalog.remotes.site import Site
from catalog.text_files import decode_text
from catalog.tree import GONE_HINT, GONE_MARK, SHOWN, STORE, stems
from catalog.versions import Version
from eventstore.errors import IntegrityError, MissingContent, NotFound, SpikelakeError
from eventstore.files import Files, MappedFiles
from eventstore.files_joined import JoinedFiles
from eventstore.opening import files_below, kept_near
from eventstore.store import EventStore


class RemoteTree:
    """The files of one version at a site. Texts are fetched when asked for, events by ranges.

    Args:
        site: where it was published.
        version: what is recorded of it there.

    Raises:
        IntegrityError: its map is not the one that was recorded.
        NotFound: it has no map.
        Unreachable: the server does not answer, or refuses.
    """

    def __init__(self, site: Site, version: Version) -> None:
        self._site = site
        self._version = version
        self._texts: dict[str, str] = {}
        self.files, self.places = site.layout(version)

    @property
    def where(self) -> str:
        """The URL and the version."""
        return f"{self._site.url}@{self._version.version}"

    def text(self, path: str) -> str:
        """Return the text of a file, checked by its sum.

        Raises:
            NotFound: the version has no such file.
            IntegrityError: the file over there is another one.
        """
        if path not in self._texts:
            facts = self.files.get(path)
            if facts is None or "key" in facts:
                message = f"{self.where} has no {path}"
                raise NotFound(message, hint="spikelake dataset show lists it")
            self._texts[path] = decode_text(self._checked(path), f"{self.where}:{path}")
        return self._texts[path]

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the stems of the files in a folder that end in ``suffix``, sorted."""
        paths = (PurePosixPath(path) for path in self.files)
        inside = (p for p in paths if p.parent == PurePosixPath(folder) and p.suffix == suffix)
        return stems(inside)

    def paths(self) -> list[str]:
        """Return the paths of all files of the version."""
        return list(self.files)

    def sha256(self, path: str) -> str:
        """Return the sum that was recorded of a file."""
        return str(self.files[path]["sha256"])

    def place(self, path: str) -> str:
        """Return where a file lies, below the site's URL."""
        return self.places.get(path, path)

    def read(self, path: str) -> bytes:
        """Return the bytes of any file of the version, checked by their sum.

        Raises:
            MissingContent: the file is gone over there.
            IntegrityError: the file over there is another one.
            Unreachable: the server does not answer, or refuses.
        """
        return self._checked(path)

    def is_there(self, path: str) -> bool:
        """Say whether a file lies over there in its full size; asked for anew each time."""
        files = files_below(self._site.url, storage_options=self._site.storage_options, cache=None)
        try:
            return files.size(self.place(path)) == self._facts(path)[0]
        except SpikelakeError:
            return False
        finally:
            files.close()

    def open_store(self) -> EventStore:
        """Open the event store over there.

        Raises:
            NotFound: the version has no recordings.
            IntegrityError: the store is not the one that was recorded.
        """
        store = EventStore.open(self.store_files())
        if store.digest != self._version.tree:
            store.close()
            message = f"{self.where}: {STORE} holds other recordings than the version recorded"
            raise IntegrityError(message, hint="publish the version again from the dataset")
        return store

    def store_files(self) -> Files:
        """Return the files of the event store, by their keys in it.

        Raises:
            NotFound: the version has no recordings.
        """
        inside = {p.removeprefix(f"{STORE}/"): p for p in self.files if p.startswith(f"{STORE}/")}
        if not inside:
            message = f"{self.where} has no recordings"
            raise NotFound(message, hint="open a later version")
        # The connection that texts came by is used on: making one takes 0.2 s for S3.
        below = kept_near(self._site.texts)
        gone = MappedFiles(
            {key: Path(f"{self.where}:{path} {GONE_MARK}") for key, path in inside.items()},
            name=self.where,
            fetch_hint=GONE_HINT,
        )
        elsewhere: dict[str, tuple[Files, str]] = {
            key: (gone, key) if self._is_withdrawn(path) else (below, self.place(path))
            for key, path in inside.items()
        }
        facts = {key: self._facts(path) for key, path in inside.items()}
        return CheckedFiles(JoinedFiles(below, elsewhere), facts, name=self.where)

    def _is_withdrawn(self, path: str) -> bool:
        return self.place(path).startswith(f"{WITHDRAWN_PLACE}/")

    def _facts(self, path: str) -> tuple[int, str]:
        facts = self.files[path]
        return int(str(facts["size"])), str(facts["sha256"])

    def _checked(self, path: str) -> bytes:
        place = self.place(path)
        if self._is_withdrawn(path):
            message = f"{self.where}: {path} is gone: recordings in it were withdrawn"
            raise MissingContent(message, hint=GONE_HINT)
        try:
            data = self._site.texts.read(place)
        except MissingContent as error:
            message = f"{self.where}: {path} is gone: {error.message}"
            raise MissingContent(message, hint="publish the version again") from error
        found, expected = hashlib.sha256(data).hexdigest(), self.sha256(path)
        if found != expected:
            message = (
                f"{self.where}: {path} is not what the version recorded "
                f"(expected {expected[:SHOWN]}, found {found[:SHOWN]})"
            )
            raise IntegrityError(message, hint="publish the version again from the dataset")
        return data
