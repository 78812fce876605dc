"""A folder of datasets, opened by reference."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.dataset_version import DatasetVersion, check_digest
from catalog.interchange.archive import payload_of
from catalog.reference import DRAFT, Reference, parse_reference
from catalog.remotes.remote_dataset import RemoteDataset, is_published
from catalog.splits.split import Split
from eventstore.errors import InvalidInput, NotFound, ReadOnly, SpikelakeError


class Catalog:
    """Datasets in a folder; the folder may also be one dataset itself.

    Args:
        folder: the folder.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from catalog.card import Card
        >>> folder = Path(mkdtemp())
        >>> made = Dataset.create(folder / "tiny", Card(name="tiny"))
        >>> list(Catalog(folder))
        ['tiny']
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = payload_of(folder)
        roots = [own] if _is_dataset(own) else _datasets_in(folder)
        self._roots = {_name(root): root for root in roots}

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the datasets."""
        return iter(sorted(self._roots))

    def __len__(self) -> int:
        """Return the number of datasets."""
        return len(self._roots)

    def __repr__(self) -> str:
        """Return the folder and the names of the datasets."""
        return f"<Catalog {self.folder}: {', '.join(self) or 'no datasets'}>"

    def _ipython_key_completions_(self) -> list[str]:
        """Return what IPython and Jupyter complete after ``catalog["``: names and versions."""
        found = []
        for name in self:
            with suppress(SpikelakeError):
                found += [name, *(f"{name}@{v.version}" for v in self.source(name).versions())]
        return found

    def dataset(self, name: str) -> Dataset:
        """Return a dataset to work on.

        Raises:
            NotFound: there is no such dataset in the folder.
            ReadOnly: it holds published versions, or is an unpacked archive.
        """
        return open_dataset(self._root(name))

    def source(self, name: str) -> Dataset | RemoteDataset:
        """Return a dataset to read from, also one of published versions or from an archive.

        Raises:
            NotFound: there is no such dataset in the folder.
        """
        return open_source(str(self._root(name)))

    def _root(self, name: str) -> Path:
        if name not in self._roots:
            hint = "spikelake dataset create FOLDER makes one"
            what = f"dataset in {self.folder}:"
            raise NotFound.among(what, name, self._roots, hint=hint)
        return self._roots[name]

    def __getitem__(self, reference: str) -> DatasetVersion:
        """Open a version, such as ``"nmnist@1.0.0"``; the latest where none is named.

        Raises:
            NotFound: there is no such dataset or version.
            IntegrityError: the version is not what it was saved as, or not what is cited.
        """
        wanted = parse_reference(reference)
        return _version(self.source(wanted.name), wanted)

    def split(self, reference: str) -> Split:
        """Open a split, such as ``"nmnist@1.0.0/split:official#3f2a9c01"``."""
        wanted = parse_reference(reference)
        return _split(self.source(wanted.name), wanted)


def open_catalog(folder: Path | str) -> Catalog:
    """Open a folder of datasets, or one dataset.

    Raises:
        NotFound: there is no such folder.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> list(open_catalog(tiny_dataset().root.parent))
        ['tiny']
    """
    if not Path(folder).is_dir():
        message = f"no folder {folder}"
        raise NotFound(message, hint="check the spelling and the current folder")
    return Catalog(Path(folder))


def open_dataset(folder: Path | str) -> Dataset:
    """Open a dataset to work on; the same as `Dataset.open`.

    Raises:
        NotFound: the folder is no dataset.
        ReadOnly: it, or a URL, holds published versions.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> open_dataset(tiny_dataset().root).draft().recordings.column("fold")[:2]
        ['test', 'test']
    """
    if ":/" in str(folder) or is_published(str(payload_of(Path(folder)))):
        message = f"{folder} holds published versions, which never change"
        raise ReadOnly(message, hint="work on a clone: spikelake dataset clone URL FOLDER")
    return Dataset.open(Path(folder))


def open_source(
    name: str, *, storage_options: Mapping[str, Any] | None = None
) -> Dataset | RemoteDataset:
    """Open a dataset to read from: one on this machine, or published versions at a URL.

    Args:
        name: folder of a dataset or of an unpacked archive, or the folder or URL that versions were
            published to.
        storage_options: for a URL, what fsspec's file system takes.

    Raises:
        NotFound: there is none.
    """
    name = name if ":/" in name else str(payload_of(Path(name)))
    if is_published(name):
        return RemoteDataset(name, storage_options=storage_options)
    return Dataset.open(Path(name))


def state_of(source: Dataset | RemoteDataset, version: str | None) -> DatasetVersion:
    """Open a version; where none is named, the work tree, of a published dataset the highest.

    Raises:
        NotFound: there is no such version.
    """
    is_draft = isinstance(source, Dataset) and version is None
    return source.at(DRAFT if is_draft else version)


def open_version(
    reference: str, *, storage_options: Mapping[str, Any] | None = None
) -> DatasetVersion:
    """Open a version by the path of its dataset, or by the URL that it was published to.

    Nothing of a published version is copied, and neither git nor datalad is needed for it.

    Args:
        reference: such as ``"data/nmnist@1.0.0"`` or ``"s3://bucket/nmnist@1.0.0"``.
        storage_options: for a URL, what fsspec's file system takes, such as ``{"anon": True}``.

    Raises:
        NotFound: there is no such dataset or version.
        IntegrityError: the version is not what it was saved as, or not what is cited.
        Unreachable: the server does not answer, or refuses.
    """
    wanted = parse_reference(reference)
    return _version(open_source(wanted.name, storage_options=storage_options), wanted)


def open_split(reference: str, *, storage_options: Mapping[str, Any] | None = None) -> Split:
    """Open a split by the path of its dataset, ``"data/nmnist@1.0.0/split:official"``, or by URL.

    Args:
        reference: such as ``"https://host/nmnist@1.0.0/split:official"``.
        storage_options: for a URL, what fsspec's file system takes.

    Raises:
        InvalidInput: the reference names no split.
        IntegrityError: the split is not what it was frozen as, or not the one cited.
    """
    wanted = parse_reference(reference)
    return _split(open_source(wanted.name, storage_options=storage_options), wanted)


def _version(dataset: Dataset | RemoteDataset, wanted: Reference) -> DatasetVersion:
    version = dataset.at(wanted.version)
    if wanted.split is None and wanted.digest is not None:
        found = version.version.digest if version.version else "draft"
        check_digest(str(version.reference), found, wanted.digest)
    return version


def _split(dataset: Dataset | RemoteDataset, wanted: Reference) -> Split:
    version = _version(dataset, wanted)
    if wanted.split is None:
        names = ", ".join(version.splits) or "none yet"
        message = f"{wanted} names no split (there are: {names})"
        raise InvalidInput(
            message, hint=f"write {wanted.name}@{dataset.version_name(wanted.version)}/split:NAME"
        )
    return version.split(wanted.split, digest=wanted.digest)


def _datasets_in(folder: Path) -> list[Path]:
    """Return the datasets in a folder, those to work on last: they go before archives of them."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir())
    roots = [root for root in map(payload_of, inside) if _is_dataset(root)]
    return sorted(roots, key=lambda root: (root / ".git").exists())


def _is_dataset(folder: Path) -> bool:
    return (folder / "dataset.yaml").is_file()


def _name(root: Path) -> str:
    file = root / "dataset.yaml"
    return Card.from_yaml(file.read_text(encoding="utf-8"), path=str(file)).name
