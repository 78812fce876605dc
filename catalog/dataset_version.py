"""One state of a dataset, opened for reading: a saved version, or the draft in the work tree."""

from collections.abc import Sequence
from functools import cached_property

from catalog.card import Card
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label, parse_labels
from catalog.labels.kinds import box_sets, read_boxes, read_errata
from catalog.recording_table import parse_recordings
from catalog.reference import DRAFT, SHORT_DIGEST, Reference
from catalog.splits.record import SplitRecord
from catalog.splits.split import Split, open_split
from catalog.tree import Tree
from catalog.tsv import Table
from catalog.versions import Version
from eventstore.closing import Closing
from eventstore.errors import IntegrityError, NotFound
from eventstore.store import EventStore


class DatasetVersion(Closing):
    """Recordings, labels and splits of one version; nothing in it can be changed.

    Args:
        tree: where its files are read from.
        version: what was recorded of it; None for the draft.

    Examples:
        >>> import catalog
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> made = ds.make_split("official", catalog.OfficialRule())
        >>> saved = ds.save("1.0.0")
        >>> with catalog.open_version(f"{ds.root}@1.0.0") as version:
        ...     version.name, version.store.n_recordings, version.splits
        ('tiny', 6, ['official'])
        >>> split = catalog.open_split(f"{ds.root}@1.0.0/split:official")
        >>> len(split.selection("train"))
        4
    """

    def __init__(self, tree: Tree, version: Version | None) -> None:
        self.tree = tree
        self.version = version
        self.card = Card.from_yaml(tree.text("dataset.yaml"), path=f"{tree.where}/dataset.yaml")
        self._store: EventStore | None = None

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.card.name

    @property
    def reference(self) -> Reference:
        """The line that cites this version."""
        if self.version is None:
            return Reference(name=self.name, version=DRAFT)
        digest = self.version.digest[:SHORT_DIGEST]
        return Reference(name=self.name, version=self.version.version, digest=digest)

    @property
    def store(self) -> EventStore:
        """The event store, opened on first use.

        Raises:
            NotFound: there are no recordings yet.
            MissingContent: bytes of it are not on this machine; the hint fetches them.
        """
        if self._store is None:
            self._store = self.tree.open_store()
        return self._store

    @cached_property
    def recordings(self) -> Table:
        """The rows of ``recordings.tsv``; readable without the events."""
        return parse_recordings(self.tree.text("recordings.tsv"))

    def query(self, where: str, *, columns: Sequence[str] = ()) -> Table:
        """Return the recordings that an expression is true of; readable without the events.

        Args:
            where: such as ``"rate_mev_s > 1 and lighting == 'led'"``; the grammar is in
                `catalog.query.parser`, the columns are in `catalog.query.columns`.
            columns: columns behind ``recording_id``; those of the expression where empty.

        Raises:
            InvalidInput: the expression cannot be read, or compares text with numbers.
            NotFound: there is no such column; names the nearest.
        """
        from catalog.query.search import search_recordings

        return search_recordings(self, where, columns).table

    @property
    def has_recordings(self) -> bool:
        """Whether anything was ingested."""
        return "recordings" in self.tree.names("", ".tsv")

    @property
    def label_sets(self) -> list[str]:
        """Names of the label sets."""
        return self.tree.names("labels", ".tsv")

    def labels(self, label_set: str = DEFAULT_LABEL_SET) -> dict[str, Label]:
        """Return the labels of a set by sample id.

        Raises:
            NotFound: there is no such set.
        """
        if label_set not in self.label_sets:
            hint = "ingest class folders, or write labels/<set>.tsv in the dataset's folder"
            what = "label set"
            raise NotFound.among(what, label_set, self.label_sets, hint=hint)
        path = f"labels/{label_set}.tsv"
        return parse_labels(self.tree.text(path), path=path)

    @property
    def box_sets(self) -> list[str]:
        """Names of the sets of boxes."""
        return box_sets(self.tree)

    def boxes(self, label_set: str = DEFAULT_LABEL_SET) -> Boxes:
        """Return the boxes of a set; ``of_recording`` cuts out those of a sample.

        Raises:
            NotFound: there is no such set.
        """
        return read_boxes(self.tree, label_set)

    def errata(self, label_set: str = DEFAULT_LABEL_SET) -> list[Patch]:
        """Return the corrections of a label set, oldest first; none where it has none."""
        return read_errata(self.tree, label_set)

    @property
    def splits(self) -> list[str]:
        """Names of the splits."""
        return self.tree.names("splits", ".json")

    def split(self, name: str, *, digest: str | None = None) -> Split:
        """Open a split, recomputing its digest.

        Args:
            name: name of the split.
            digest: first digits that its digest must have.

        Raises:
            NotFound: there is no such split.
            IntegrityError: the split is not what it was frozen as, or not the one asked for.
        """
        split = open_split(self.tree, name, self.store, self.reference)
        check_digest(f"{self.reference.name} split {name!r}", split.digest, digest)
        return split

    def split_record(self, name: str) -> SplitRecord:
        """Return what is recorded of a split, without recomputing its digest.

        Raises:
            NotFound: there is no such split.
        """
        if name not in self.splits:
            what = "split"
            raise NotFound.among(
                what, name, self.splits, hint="make it: spikelake split make DATASET NAME"
            )
        path = f"splits/{name}.json"
        return SplitRecord.parse(self.tree.text(path), path=path)

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks."""
        return self.tree.names("tasks", ".json")

    def close(self) -> None:
        """Let go of the store's mapped files."""
        if self._store is not None:
            self._store.close()

    def __repr__(self) -> str:
        """Return the reference and what the version holds."""
        return f"<DatasetVersion {self.reference}, splits {self.splits}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from catalog.notebook.dataset_panel import version_html

        return version_html(self)


def check_digest(what: str, found: str, asked: str | None) -> None:
    """Refuse a thing whose digest does not begin with the digits that a reference gives.

    Raises:
        IntegrityError: it does not.
    """
    if asked is not None and not found.startswith(asked):
        message = f"{what} has digest {found[: len(asked)]}, the reference says {asked}"
        raise IntegrityError(message, hint="cite the version that the digest was taken from")
