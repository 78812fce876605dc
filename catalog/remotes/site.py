"""What is published at a URL: versions, their maps and their files, read without git."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from catalog.remotes.layout import parse_places, places_path
from catalog.text_files import decode_text
from catalog.tree import SHOWN, VERSIONS, map_path, parse_map
from catalog.versions import Version, parse_versions
from eventstore.digest import sha256_text
from eventstore.errors import IntegrityError, MissingContent, NotFound
from eventstore.opening import files_below


class Site:
    """A folder or URL that versions of one dataset were published to.

    Args:
        url: such as ``https://host/nmnist``, ``s3://bucket/nmnist`` or a folder.
        storage_options: what fsspec's file system takes.

    Examples:
        >>> Site("no-such-folder").versions
        Traceback (most recent call last):
        ...
        eventstore.errors.NotFound: nothing is published at no-such-folder (no versions.json there)
        hint: correct the URL, or publish: spikelake dataset publish DATASET@VERSION no-such-folder
    """

    def __init__(self, url: str, *, storage_options: Mapping[str, Any] | None = None) -> None:
        self.url = url.rstrip("/")
        self.storage_options = dict(storage_options or {})
        # Texts are fetched each time, for what is new; their sums are checked.
        self.texts = files_below(self.url, storage_options=self.storage_options, cache=None)

    @cached_property
    def versions(self) -> list[Version]:
        """What is published, in the order of publishing.

        Raises:
            NotFound: nothing is.
            Unreachable: the server does not answer, or refuses.
            FormatError: ``versions.json`` over there is none.
        """
        path = f"{self.url}/{VERSIONS}"
        try:
            data = self.texts.read(VERSIONS)
        except MissingContent as error:
            message = f"nothing is published at {self.url} (no {VERSIONS} there)"
            hint = (
                f"correct the URL, or publish: spikelake dataset publish DATASET@VERSION {self.url}"
            )
            raise NotFound(message, hint=hint) from error
        return parse_versions(decode_text(data, path), path=path)

    def version(self, name: str) -> Version:
        """Return what was recorded of a version.

        Raises:
            NotFound: it is not published here.
        """
        known = {version.version: version for version in self.versions}
        if name not in known:
            what = f"version at {self.url}:"
            raise NotFound.among(what, name, known)
        return known[name]

    def layout(self, version: Version) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
        """Return the map of a version, checked, and which files lie elsewhere than at their path.

        Raises:
            IntegrityError: the map is not the one that was recorded.
            NotFound: there is none.
        """
        path, places = map_path(version.version), places_path(version.version)
        try:
            both = self.texts.read_ranges([(path, 0, None), (places, 0, None)])
        except MissingContent:  # a work tree that was copied as it is has no table of places
            both = [memoryview(self._read(path)), memoryview(b"")]
        text = decode_text(bytes(both[0]), f"{self.url}/{path}")
        found = sha256_text(text)
        if found != version.references:
            message = (
                f"{self.url}/{path} is not what version {version.version} recorded "
                f"(expected {version.references[:SHOWN]}, found {found[:SHOWN]})"
            )
            raise IntegrityError(message, hint="publish the version again from the dataset")
        where = f"{self.url}/{places}"
        elsewhere = parse_places(decode_text(bytes(both[1]), where), where) if both[1] else {}
        return parse_map(text, path), elsewhere

    def _read(self, path: str) -> bytes:
        try:
            return self.texts.read(path)
        except MissingContent as error:
            message = f"{self.url} has no {path}, though {VERSIONS} lists that version"
            raise NotFound(message, hint="publish the version again") from error
