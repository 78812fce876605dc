"""Begin a dataset of the registry, or go on with one: the folder, its card, its sources.

A new dataset is made beside its place and renamed when it is complete, so that a folder which is
there can always be gone on with.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from catalog.card import Card
from catalog.card_sections import RightsSection
from catalog.dataset import Dataset, check_free
from catalog.public.entry import PublicDataset
from catalog.public.sources import Sources, has_sources, read_sources, renewed, write_sources
from eventstore.durable import sync_folder
from eventstore.lock import WriterLock

DOWNLOADS = ".downloads"
"""Folder of a dataset that downloads lie in; git never sees it."""


class Begun(NamedTuple):
    """A dataset of the registry that can be worked on."""

    dataset: Dataset
    sources: Sources


def card_of(entry: PublicDataset) -> Card:
    """Return the card of an entry."""
    return Card(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        licence=entry.licence,
        citation=entry.citation,
        doi=entry.doi,
        homepage=entry.homepage,
        authors=entry.authors,
        sensor_model=entry.sensor_model,
        classes=entry.classes,
        known_flaws=entry.known_flaws,
        rights=RightsSection(licence_url=entry.licence_url, bibtex=entry.bibtex),
    )


@contextmanager
def adding(into: Path) -> Iterator[None]:
    """Hold the right to add to a dataset, which need not be there yet.

    Raises:
        Conflict: somebody else is adding to it.
    """
    into.absolute().parent.mkdir(parents=True, exist_ok=True)
    lock = WriterLock(into.absolute())
    try:
        yield
    finally:
        lock.release()


def begin(entry: PublicDataset, into: Path) -> Begun:
    """Make the dataset of an entry, or open the one that was begun.

    Raises:
        AlreadyExists: the folder holds something else.
        Conflict: it was begun with another entry.
        InvalidInput: git has no identity to commit as.
    """
    into = into.absolute()
    if has_sources(into):
        sources = renewed(read_sources(into), entry)
        write_sources(into, sources)
        return Begun(Dataset.open(into), sources)
    check_free(into)
    sources = Sources(entry=entry)
    making = into.with_name(f".{into.name}.making")
    if making.exists():
        shutil.rmtree(making)
    dataset = Dataset.create(making, card_of(entry))
    write_sources(making, sources)
    dataset.repo.save(f"{entry.name}: register where its files lie")
    making.rename(into)
    sync_folder(into.parent)
    return Begun(Dataset.open(into), sources)


def downloads_folder(root: Path) -> Path:
    """Return the folder of a dataset's downloads, made where it is not there."""
    folder = root / DOWNLOADS
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder
