"""One zip of a version for an archive that gives out DOIs, laid out after BagIt (RFC 8493).

    NAME-VERSION/bagit.txt, bag-info.txt      what the layout is, how large it is
    NAME-VERSION/manifest-sha256.txt          sha256 of every file below data/
    NAME-VERSION/tagmanifest-sha256.txt       and of the files beside it
    NAME-VERSION/datacite.json                what the archive asks for
    NAME-VERSION/data/…                       the version as it would be published to a folder

Unpacked, it opens without git. The same version gives the same bytes.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from catalog.card import Card
from catalog.interchange.datacite import DATACITE, datacite_text
from catalog.remotes.layout import places_path, places_text
from catalog.remotes.sharing import version_content
from catalog.tree import VERSIONS, map_path
from catalog.versions import Version, versions_text
from eventstore.digest import sha256_file, sha256_text
from eventstore.durable import PARTIAL, sync_folder
from eventstore.errors import AlreadyExists, IntegrityError, InvalidInput

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.remotes.publish import Content

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (files packed, files in all, bytes packed)."""

PAYLOAD = "data"

BAGIT = "bagit.txt"

MANIFEST = "manifest-sha256.txt"

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member, so that the same version gives the same archive."""

BLOCK = 8 << 20
"""Bytes copied at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """What was packed.

    Args:
        path: the zip.
        reference: the version, with its digest.
        files: number of files below ``data/``.
        n_bytes: their size.
        sha256: sum of the zip; empty where it was not written.
    """

    path: str
    reference: str
    files: int
    n_bytes: int
    sha256: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


def archive_version(
    dataset: "Dataset",
    version: str | None,
    path: Path,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ArchiveReport:
    """Pack a saved version, the highest where None, into a zip that is whole or absent.

    Args:
        dataset: the dataset.
        version: the version.
        path: the file to make; ends in ``.zip``.
        dry_run: check all, and write nothing.
        progress: told (files packed, files in all, bytes packed).

    Raises:
        AlreadyExists: there is something at the path.
        InvalidInput: the path does not end in ``.zip``.
        IntegrityError: the version is not what was saved.
        MissingContent: some of its files are not on this machine.
        OSError: the disk is full or refuses; nothing is left behind.

    Examples:
        >>> from tempfile import mkdtemp
        >>> import catalog
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ds = catalog.Dataset.create(folder / "tiny", catalog.Card(name="tiny"))
        >>> report = ds.ingest(tiny_folders(folder))
        >>> saved = ds.save("1.0.0")
        >>> packed = archive_version(ds, "1.0.0", folder / "tiny-1.0.0.zip")
        >>> zipfile.ZipFile(packed.path).extractall(folder / "unpacked")
        >>> catalog.open(folder / "unpacked" / "tiny-1.0.0")["tiny@1.0.0"].store.n_recordings
        6
    """
    _check_free(path)
    content = version_content(dataset, version)
    for name in content.sums:
        content.open(name)  # all of it must be here
    card = dataset.at(content.entry.version).card
    bag = _Bag(card, content)
    report = ArchiveReport(
        path=str(path), reference=bag.reference, files=len(bag.sums), n_bytes=bag.n_bytes
    )
    if dry_run:
        return report
    _write(path, bag, progress)
    return ArchiveReport(**{**asdict(report), "sha256": sha256_file(path)})


def payload_of(folder: Path) -> Path:
    """Return the folder of the version in an unpacked archive; any other folder as it is.

    Examples:
        >>> payload_of(Path("data/nmnist"))
        PosixPath('data/nmnist')
    """
    inside = folder / PAYLOAD
    return inside if (folder / BAGIT).is_file() and (inside / VERSIONS).is_file() else folder


class _Bag:
    """All members of the zip, with their sums."""

    def __init__(self, card: Card, content: "Content") -> None:
        self._content = content
        entry: Version = content.entry
        self.folder = f"{card.name}-{entry.version}"
        self.reference = f"{card.name}@{entry.version}#{entry.digest[:16]}"
        self._made = {
            VERSIONS: versions_text([entry]),
            map_path(entry.version): content.listing,
            places_path(entry.version): places_text(entry.version, {}),
        }
        self.sums = dict(sorted({**content.sums, **_sums(self._made)}.items()))
        made = sum(len(text.encode()) for text in self._made.values())
        self.n_bytes = sum(content.sizes.values()) + made
        self.tags = self._tags(card, entry)

    def _tags(self, card: Card, entry: Version) -> dict[str, str]:
        info = {
            "Bagging-Date": entry.date[:10],
            "External-Identifier": self.reference,
            "External-Description": card.title or card.name,
            "Payload-Oxum": f"{self.n_bytes}.{len(self.sums)}",
        }
        tags = {
            BAGIT: "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": "".join(f"{k}: {' '.join(v.split())}\n" for k, v in info.items()),
            DATACITE: datacite_text(card, entry, self.n_bytes),
            MANIFEST: _manifest({f"{PAYLOAD}/{path}": sha for path, sha in self.sums.items()}),
        }
        return {**tags, f"tag{MANIFEST}": _manifest(_sums(tags))}

    def members(self) -> Iterator[tuple[str, Path | bytes, str]]:
        """Yield name, content and sum of each member, in order."""
        for path, sha in self.sums.items():
            text = self._made.get(path)
            data = self._content.open(path) if text is None else text.encode()
            yield f"{self.folder}/{PAYLOAD}/{path}", data, sha
        for path, text in self.tags.items():
            yield f"{self.folder}/{path}", text.encode(), sha256_text(text)


def _sums(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: sha256_text(text) for path, text in texts.items()}


def _manifest(sums: Mapping[str, str]) -> str:
    """Return a manifest; BagIt wants line breaks and ``%`` in a path encoded."""
    lines = []
    for path, sha in sums.items():
        safe = path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
        lines.append(f"{sha}  {safe}\n")
    return "".join(lines)


def _write(path: Path, bag: _Bag, progress: Progress | None) -> None:
    partial = path.with_name(f".{path.name}{PARTIAL}")
    n_all, n_bytes = len(bag.sums) + len(bag.tags), 0
    try:
        with partial.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for done, (name, data, sha) in enumerate(bag.members(), start=1):
                    n_bytes += _add(archive, name, data, sha)
                    if progress is not None:
                        progress(done, n_all, n_bytes)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _add(archive: zipfile.ZipFile, name: str, data: Path | bytes, expected: str) -> int:
    """Add a member, checking its bytes on the way; return how many they were."""
    member = zipfile.ZipInfo(name, EPOCH)
    member.external_attr = 0o644 << 16
    member.file_size = data.stat().st_size if isinstance(data, Path) else len(data)
    sha, n_bytes = hashlib.sha256(), 0
    with archive.open(member, "w") as out:
        for block in _blocks(data):
            sha.update(block)
            out.write(block)
            n_bytes += len(block)
    if sha.hexdigest() != expected:
        message = f"{name}: the bytes on this machine are not what the version recorded"
        raise IntegrityError(message, hint="spikelake dataset verify says what is damaged")
    return n_bytes


def _blocks(data: Path | bytes) -> Iterator[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _check_free(path: Path) -> None:
    if path.suffix != ".zip":
        message = f"{path} does not end in .zip"
        raise InvalidInput(message, hint=f"write {path.with_suffix('.zip')}")
    if os.path.lexists(path):
        message = f"there is something at {path} already"
        raise AlreadyExists(message, hint="choose another path, or delete it first")
    if not path.parent.is_dir():
        message = f"no folder {path.parent}"
        raise InvalidInput(message, hint="make it first, or choose another path")
