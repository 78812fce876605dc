"""Where the files of one state of a dataset are read from: the work tree, or a saved version.

A saved version is read from git's and git-annex's own objects, so that any version opens whatever
the work tree holds meanwhile, and no file is copied or linked.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePath
from typing import Protocol, cast, runtime_checkable

from catalog.repo import Repo, head_key, key_facts
from catalog.text_files import decode_text, json_text, parse_json
from catalog.versions import Version
from eventstore.digest import sha256_file
from eventstore.errors import FormatError, IntegrityError, NotFound
from eventstore.files import Files, LocalFiles, MappedFiles
from eventstore.files_joined import JoinedFiles
from eventstore.opening import files_at_urls
from eventstore.store import EventStore

STORE = "events.zarr"

RECORDINGS = "recordings.tsv"

VERSIONS = "versions.json"

LEAKAGE_SUFFIX = ".leakage"
"""``splits/<name>.leakage.json`` tells of a split; no split's name ends so."""

SHOWN = 24
"""Characters of a sum or key that a message shows."""

REMOTES = "remotes.json"
"""Where versions were published; beside the versions, as it grows after they were saved."""

GONE_HINT = (
    "recordings of this version were withdrawn, and the files that held them with them: "
    "open a later version"
)
"""Told where a file is missing that was withdrawn."""

GONE_MARK = "(withdrawn)"
"""Stands behind the name of a file that went so."""

MAP_FORMAT = 1
"""Of ``versions/<version>.json``."""


@runtime_checkable
class Tree(Protocol):
    """Files of one state of a dataset."""

    @property
    def where(self) -> str:
        """What messages call this state."""

    def text(self, path: str) -> str:
        """Return the text of a file.

        Raises:
            NotFound: this state has no such file.
        """

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the stems of the files in a folder that end in ``suffix``, sorted."""

    def paths(self) -> list[str]:
        """Return the paths of all files, but for those that tell of versions."""

    def sha256(self, path: str) -> str:
        """Return the sum of a file of the state, its content be here or not."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file beside the store, annexed or not.

        Raises:
            MissingContent: they are not on this machine, or the state has no such file.
        """

    def open_store(self) -> EventStore:
        """Open the event store.

        Raises:
            NotFound: this state has no recordings.
            MissingContent: bytes of it are not on this machine.
        """


class WorkTree:
    """The files as they lie in the dataset's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.root)

    def text(self, path: str) -> str:
        """Return the text of a file in the folder.

        Raises:
            NotFound: there is no such file.
            FormatError: it is not UTF-8.
        """
        file = self.root / path
        if not file.is_file():
            message = f"{self.root} has no {path}"
            made = f"spikelake ingest SOURCE --into {self.root} --resume"
            hint = made if path == RECORDINGS else "spikelake dataset show lists what is"
            raise NotFound(message, hint=hint)
        return decode_text(file.read_bytes(), file)

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the stems of the files in a folder that end in ``suffix``, sorted."""
        return stems((self.root / folder).glob(f"*{suffix}"))

    def paths(self) -> list[str]:
        """Return the paths of all files that a save would commit, but for those of versions."""
        return [path for path in Repo(self.root).listed() if not is_history(path)]

    def sha256(self, path: str) -> str:
        """Return the sum of a file, or the one that the annex knows of it."""
        key = Repo(self.root).key(path)
        return key_facts(key)[1] if key else sha256_file(self.root / path)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file in the folder, or say how to fetch them."""
        with contextlib.closing(LocalFiles(self.root)) as files:
            return files.read(path)

    def open_store(self) -> EventStore:
        """Open the event store in the folder."""
        if not (self.root / STORE).is_dir():
            hint = f"spikelake ingest SOURCE --into {self.root}"
            message = f"{self.root} has no recordings yet"
            raise NotFound(message, hint=hint)
        return EventStore.open(self.root / STORE)


class SavedTree:
    """The files of a saved version, checked against the digests recorded for them.

    Bytes of the store that are not on this machine are read from the URL that the version's map
    gives for them, where it gives one, else from where it was published.

    Args:
        repo: the dataset's repository.
        version: the version.
        commit: the commit it was saved as.
        elsewhere: given what fetches the content, returns where the store's files are that are not
            here, or None; nothing is fetched by asking.
        withdrawn: given this tree, its files that are here and the keys of those that are not,
            returns which of these are gone as recordings were withdrawn.

    Raises:
        IntegrityError: the commit does not hold what the version recorded: its tag was moved, or
            its files were rewritten.
    """

    def __init__(
        self,
        repo: Repo,
        version: Version,
        commit: str,
        *,
        elsewhere: Callable[[str], Files | None] | None = None,
        withdrawn: Callable[[Tree, Files, Collection[str]], set[str]] | None = None,
    ) -> None:
        self._repo = repo
        self._elsewhere = elsewhere
        self._withdrawn = withdrawn
        self._version = version
        self.commit = commit
        self.listing = self._listing()
        self.files = parse_map(self.listing, map_path(version.version))
        self._blobs = repo.blobs(commit, self.files)
        for path, facts in self.files.items():
            blob = self._blobs.get(path, b"")
            if "key" in facts:
                self._check(path, str(facts["key"]), head_key(blob))
            else:
                self._check(path, str(facts["sha256"]), hashlib.sha256(blob).hexdigest())

    @property
    def where(self) -> str:
        """The folder and the version."""
        return f"{self._repo.root}@{self._version.version}"

    def text(self, path: str) -> str:
        """Return the text of a file of the version."""
        if path not in self._blobs or "key" in self.files[path]:
            message = f"{self.where} has no {path}"
            raise NotFound(message, hint="spikelake dataset show lists it")
        return decode_text(self._blobs[path], f"{self.where}:{path}")

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the stems of the files in a folder that end in ``suffix``, sorted."""
        paths = (Path(path) for path in self._blobs)
        return stems(p for p in paths if p.parent == Path(folder) and p.suffix == suffix)

    def paths(self) -> list[str]:
        """Return the paths of all files of the version."""
        return list(self.files)

    def sha256(self, path: str) -> str:
        """Return the sum that was recorded of a file."""
        return str(self.files[path]["sha256"])

    def read(self, path: str) -> bytes:
        """Return the bytes of a file of the version, or say how to fetch them."""
        key = self.keys().get(path, "")
        place = self._repo.content([key]).get(key) if key else self._blobs.get(path)
        absent = Path(f"{self.where}:{path}")
        fetch_hint = f"spikelake dataset get {self.where}"
        return MappedFiles({path: place or absent}, name=self.where, fetch_hint=fetch_hint).read(
            path
        )

    def open_store(self) -> EventStore:
        """Open the event store as it was in the version."""
        keys = self.keys()
        places = self._repo.content(keys.values())
        inside: dict[str, Path | bytes] = {}
        urls: dict[str, str] = {}
        lacking: list[str] = []
        for path, facts in self.files.items():
            if path.startswith(STORE + "/"):
                key, name = keys.get(path, ""), path.removeprefix(STORE + "/")
                # Content that is not here keeps a place where nothing lies, named for messages.
                absent = Path(f"{self.where}:{path}")
                inside[name] = places.get(key, absent) if key else self._blobs[path]
                if inside[name] == absent and "url" in facts:
                    urls[name] = str(facts["url"])
                elif inside[name] == absent:
                    lacking.append(name)
        if not inside:
            message = f"{self.where} has no recordings"
            raise NotFound(message, hint="open a later version")
        fetch_hint = f"spikelake dataset get {self.where}"
        near = MappedFiles(inside, name=self.where, fetch_hint=fetch_hint)
        gone = self._withdrawn(self, near, lacking) if lacking and self._withdrawn else set()
        if gone:
            lost = {name: Path(f"{self.where}:{STORE}/{name} {GONE_MARK}") for name in gone}
            near = MappedFiles({**inside, **lost}, name=self.where, fetch_hint=GONE_HINT)
            lacking = [name for name in lacking if name not in gone]
        far = files_at_urls(urls)
        if lacking and self._elsewhere is not None:
            copies = self._elsewhere(fetch_hint)
            far |= {} if copies is None else {name: (copies, name) for name in lacking}
        return EventStore.open(JoinedFiles(near, far) if far else near)

    def blob(self, path: str) -> bytes:
        """Return what git holds of a file of the version; of an annexed one, its link."""
        return self._blobs[path]

    def keys(self) -> dict[str, str]:
        """Return the annex key of each annexed file of the version."""
        return {path: str(facts["key"]) for path, facts in self.files.items() if "key" in facts}

    def _listing(self) -> str:
        path = map_path(self._version.version)
        blob = self._repo.blobs(self.commit, [path]).get(path, b"")
        self._check(path, self._version.references, hashlib.sha256(blob).hexdigest())
        return decode_text(blob, path)

    def _check(self, path: str, expected: str, found: str) -> None:
        if found != expected:
            message = (
                f"{self.where}: {path} is not what the version recorded "
                f"(commit {self.commit[:12]}; "
                f"expected {expected[:SHOWN]}, found {found[:SHOWN] or 'none'})"
            )
            name = self._version.version
            made = self._repo.commit_adding(map_path(name))
            moved = bool(made) and made != self.commit
            back = f"the tag was moved; put it back: git -C {self._repo.root} tag -f {name} {made}"
            hint = back if moved else "its files were rewritten: take them from another clone"
            raise IntegrityError(message, hint=hint)


def is_history(path: str) -> bool:
    """Say whether a file tells of versions, so that it belongs to none.

    Examples:
        >>> is_history("versions/1.0.0.json"), is_history("labels/class.tsv")
        (True, False)
    """
    return path in {VERSIONS, REMOTES} or path.startswith("versions/")


def stems(files: Iterable[PurePath]) -> list[str]:
    """Return the names that files of a folder give, sorted; a report beside a split is none.

    Examples:
        >>> stems([PurePath("splits/official.json"), PurePath("splits/official.leakage.json")])
        ['official']
    """
    return sorted(file.stem for file in files if not file.stem.endswith(LEAKAGE_SUFFIX))


def map_path(version: str) -> str:
    """Return where the reference map of a version lies."""
    return f"versions/{version}.json"


def reference_map(repo: Repo, version: str) -> str:
    """Return the text of ``versions/<version>.json`` for the work tree about to be saved.

    It names size and sha256 of every file, and the annex key of those in the annex; not its own,
    and not those of ``versions.json``, which holds the sum of this map, or of ``remotes.json``.
    """
    files: dict[str, dict[str, object]] = {}
    for path in repo.listed():
        if is_history(path):
            continue
        key = repo.key(path)
        if key is None:
            file = repo.root / path
            files[path] = {"size": file.stat().st_size, "sha256": sha256_file(file)}
        else:
            size, sha256 = key_facts(key)
            files[path] = {"key": key, "size": size, "sha256": sha256}
    return json_text({"format": MAP_FORMAT, "version": version, "files": files})


def parse_map(text: str, path: str) -> dict[str, dict[str, object]]:
    """Read a reference map.

    Raises:
        FormatError: not a map, or of a later format.
    """
    content = parse_json(text, path)
    if not isinstance(content, dict) or content.get("format") != MAP_FORMAT:
        found = json.dumps(content)[:40]
        message = "not a reference map"
        raise FormatError(message, path=path, expected="format 1", found=found)
    return cast("dict[str, dict[str, object]]", content["files"])
