"""A dataset being worked on: ingest, label, split, save; and every version saved of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

from catalog.biases import set_biases
from catalog.card import Card
from catalog.dataset_version import DatasetVersion
from catalog.diff.bump import Bump
from catalog.diff.change import Diff
from catalog.intake import Intake, describe_intake, list_intake, write_labels
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label
from catalog.labels.writing import write_boxes
from catalog.lost_files import withdrawn_files
from catalog.no_dataset import no_dataset
from catalog.recording_table import (
    parse_recordings,
    with_column,
)
from catalog.reference import DRAFT
from catalog.remotes.elsewhere import published_copies
from catalog.repo import Repo
from catalog.saving import Numbering, committed_versions, plan_version, save_version
from catalog.sources.keeping import KeptReport, keep_sources
from catalog.splits.plan import plan_split
from catalog.splits.record import SplitRecord
from catalog.splits.rules import Rule
from catalog.splits.split import Split
from catalog.statistics.keeping import measure_missing
from catalog.statistics.measure import Measured
from catalog.text_files import check_file_name, write_text
from catalog.tree import LEAKAGE_SUFFIX, RECORDINGS, STORE, VERSIONS, SavedTree, WorkTree, map_path
from catalog.tsv import Table
from catalog.versions import Version, latest, versions_text
from eventstore.errors import AlreadyExists, IntegrityError, InvalidInput, NotFound
from eventstore.events import Sensor
from eventstore.findings import Finding
from eventstore.ingest import IngestReport, Progress, ingest_items
from eventstore.workers import Runs


class Dataset:
    """One dataset's folder.

    Args:
        root: the folder.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from catalog.splits.rules import OfficialRule
        >>> from eventstore.testing import tiny_folders
        >>> folder = Path(mkdtemp())
        >>> ds = Dataset.create(folder / "tiny", Card(name="tiny"))
        >>> ds.ingest(tiny_folders(folder)).n_added
        6
        >>> split = ds.make_split("official", OfficialRule())
        >>> version = ds.save("1.0.0", "as recorded")
        >>> len(ds.at("1.0.0").split("official").selection("train"))
        4
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repo = Repo.open(root)
        self._tree = WorkTree(root)

    def __repr__(self) -> str:
        """Return the folder."""
        return f"<Dataset {self.root}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from catalog.notebook.dataset_panel import dataset_html

        return dataset_html(self)

    @classmethod
    def create(cls, root: Path | str, card: Card) -> "Dataset":
        """Make an empty dataset: a datalad dataset with a card.

        Raises:
            AlreadyExists: the folder is there and not empty.
            InvalidInput: git has no identity to commit as.
        """
        root = Path(root)
        check_free(root)
        repo = Repo.create(root)
        write_text(root / "dataset.yaml", card.to_yaml())
        write_text(root / VERSIONS, versions_text([]))
        repo.save(f"{card.name}: create the dataset")
        return cls(root)

    @classmethod
    def open(cls, root: Path | str) -> "Dataset":
        """Open an existing dataset.

        Raises:
            NotFound: the folder is no dataset.
        """
        root = Path(root)
        if not (root / "dataset.yaml").is_file():
            raise no_dataset(root)
        return cls(root)

    @property
    def card(self) -> Card:
        """The card, as it stands in the work tree."""
        return Card.from_yaml(self._tree.text("dataset.yaml"), path=f"{self.root}/dataset.yaml")

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.card.name

    def draft(self) -> DatasetVersion:
        """Open the work tree for reading."""
        return DatasetVersion(self._tree, None)

    def versions(self) -> list[Version]:
        """Return every saved version, in the order of saving; what is committed counts."""
        return committed_versions(self.repo)

    def version_name(self, version: str | None) -> str:
        """Return the version itself, or the highest one where None."""
        if version is not None:
            return version
        last = latest(self.versions())
        return DRAFT if last is None else last.version

    def at(self, version: str | None = None) -> DatasetVersion:
        """Open a saved version, whatever the work tree holds now; the highest where None.

        Raises:
            NotFound: there is no such version.
            IntegrityError: it does not hold what was recorded when it was saved.
        """
        if version == DRAFT:
            return self.draft()
        wanted = self.version(version)
        return DatasetVersion(self.saved_tree(wanted), wanted)

    def saved_tree(self, version: Version) -> SavedTree:
        """Return the files of a saved version, checked against what was recorded of them.

        Raises:
            IntegrityError: its tag is gone, or was moved, or its files were rewritten.
        """
        commit = self.repo.commit(f"refs/tags/{version.version}")
        if not commit:
            message = f"version {version.version} of {self.root} has lost its tag"
            made = self.repo.commit_adding(map_path(version.version))
            git = f"git -C {self.root}"
            hint = f"{git} tag {version.version} {made}" if made else f"{git} fetch --tags"
            raise IntegrityError(message, hint=hint)
        elsewhere = partial(published_copies, self.repo, version)
        gone = partial(withdrawn_files, self.repo)
        return SavedTree(self.repo, version, commit, elsewhere=elsewhere, withdrawn=gone)

    def get(self, version: str | None = None, *, recordings: Iterable[str] = ()) -> int:
        """Fetch the content of a version from where the dataset was cloned from, or published to.

        Args:
            version: the version; the highest where None.
            recordings: fetch the files that hold these alone, which may hold others too.

        Returns:
            The number of files whose content was absent before.

        Raises:
            MissingContent: some of it could not be had.
            NotFound: there is no such version or recording.
        """
        from catalog.content import fetch_content

        return fetch_content(self, version, recordings).n_files

    def absent(self, version: str | None = None) -> set[str]:
        """Return the annex keys of a version whose content is not on this machine."""
        keys = set(self.saved_tree(self.version(version)).keys().values())
        return keys - set(self.repo.content(keys))

    def ingest(
        self,
        sources: Sequence[Path],
        *,
        labels_from: Literal["folder"] | None = "folder",
        fold_from: Literal["archive"] | None = "archive",
        reader: str | None = None,
        sensor: Sensor | None = None,
        repairs: Sequence[str] = (),
        resume: bool = False,
        progress: Progress | None = None,
        executor: Runs | None = None,
    ) -> IngestReport:
        """Add recordings, with the labels and folds that their archive's folders name.

        Killed at any moment, it goes on with ``resume=True``.

        Args:
            sources: files, folders or archives of recordings.
            labels_from: ``"folder"`` labels each recording whole with the folder it lies in.
            fold_from: ``"archive"`` keeps the top folder where it names a fold.
            reader: name of the reader; found by looking where None.
            sensor: geometry, where the files don't tell.
            repairs: what to change in the events; see `eventstore.repairs`. What was done is kept
                in each recording's provenance.
            resume: skip recordings that are there already.
            progress: called with the recordings done, those in all, and the events added.
            executor: decodes and encodes in other processes or on other machines; as of
                `eventstore.ingest.ingest`.
        """
        intake = list_intake(
            sources, reader=reader, labels=bool(labels_from), folds=bool(fold_from)
        )
        return self.ingest_intake(
            intake,
            reader=reader,
            sensor=sensor,
            repairs=repairs,
            resume=resume,
            progress=progress,
            executor=executor,
        )

    def ingest_intake(
        self,
        intake: Intake,
        *,
        reader: str | None = None,
        sensor: Sensor | None = None,
        repairs: Sequence[str] = (),
        resume: bool = False,
        progress: Progress | None = None,
        executor: Runs | None = None,
    ) -> IngestReport:
        """Add the recordings that a layout lists, with all that it says about them.

        Killed at any moment, it goes on with ``resume=True``.

        Args:
            intake: what a `catalog.layouts.Layout` made of the sources.
            reader: name of the reader of all of them; that which the intake names where None.
            sensor: geometry, where the files don't tell.
            repairs: what to change in the events, after what the intake names.
            resume: skip recordings that are there already.
            progress: called with the recordings done, those in all, and the events added.
            executor: as of `ingest`.
        """
        try:
            report = ingest_items(
                intake.items,
                self.root / STORE,
                reader=reader,
                sensor=sensor,
                repairs=(*intake.repairs, *repairs),
                resume=resume,
                progress=progress,
                executor=executor,
            )
        except BaseException:  # what was published before an error is described too
            if (self.root / STORE / "zarr.json").is_file():
                describe_intake(self._tree, intake, refused=True)
            raise
        describe_intake(self._tree, intake)
        return replace(report, findings=[*intake.findings, *report.findings])

    def keep_sources(self, intake: Intake) -> KeptReport:
        """Keep the WAV files that recordings were made from, to be listened to in the viewer.

        Args:
            intake: what lists them, ingested now or long ago.
        """
        return keep_sources(self.root, intake.items)

    def write_labels(self, labels: Iterable[Label], label_set: str = DEFAULT_LABEL_SET) -> None:
        """Replace a label set; its history stays in git.

        Raises:
            InvalidInput: a label is for a recording that the dataset has not.
        """
        write_labels(self._tree, labels, label_set)

    def write_boxes(self, boxes: Boxes, label_set: str = DEFAULT_LABEL_SET) -> None:
        """Replace a set of boxes; its history stays in git.

        Raises:
            InvalidInput: a box is in a recording that the dataset has not.
        """
        write_boxes(self._tree, boxes, label_set)

    def set_column(self, name: str, values: dict[str, str]) -> None:
        """Set a curator's column of ``recordings.tsv``, such as the speaker, by recording id."""
        write_text(self.root / RECORDINGS, with_column(self._recordings(), name, values).text())

    def set_biases(self, biases: Mapping[str, Mapping[str, str]]) -> None:
        """Set biases of recordings, to the letter, by recording id; others keep theirs.

        Raises:
            InvalidInput: a recording is not there, or a bias has no name or no value.
        """
        set_biases(self._tree, biases)

    def measure(self, progress: Measured | None = None) -> int:
        """Measure the recordings that have no statistics yet, as those of an earlier release.

        Ingest does it by itself. Returns how many were measured.

        Args:
            progress: told (recordings measured, of how many, events in them).

        Raises:
            MissingContent: events that have to be measured are not on this machine.
        """
        with self.draft().store as store:
            return measure_missing(self.root, store, progress=progress)

    def make_split(
        self,
        name: str,
        rule: Rule,
        *,
        label_set: str = DEFAULT_LABEL_SET,
        parent: str | None = None,
    ) -> Split:
        """Freeze a split: its list is written once and never rewritten.

        Args:
            name: name of the split.
            rule: proposes the fold of each labelled interval.
            label_set: label set whose intervals are the samples.
            parent: split that this one extends; no sample of it may change folds.

        Raises:
            AlreadyExists: the dataset has, or a saved version had, a split of this name.
            InvalidInput: the rule cannot be carried out.
            Conflict: a sample of the parent would change folds.
        """
        table, record = self.plan_split(name, rule, label_set=label_set, parent=parent)
        write_text(self.root / "splits" / f"{name}.tsv", table.text())
        write_text(self.root / "splits" / f"{name}.json", record.text())
        return self.draft().split(name)

    def plan_split(
        self,
        name: str,
        rule: Rule,
        *,
        label_set: str = DEFAULT_LABEL_SET,
        parent: str | None = None,
    ) -> tuple[Table, SplitRecord]:
        """Return the list and the record of a split without writing it; as `make_split`."""
        self._check_new_split(name)
        return plan_split(self.draft(), name, rule, label_set=label_set, parent=parent)

    def save(
        self,
        version: str | None = None,
        message: str = "",
        *,
        bump: Bump = Bump.NONE,
        force_version: bool = False,
    ) -> Version:
        """Save the work tree as a version: check it, record its digests, commit, tag.

        Killed at any moment it leaves the version either saved or not: a version counts once its
        entry is committed, and a tag that was not set any more is set by the next save.

        Args:
            version: its number; the lowest that tells of what changed where None.
            message: what changed, in the curator's words.
            bump: what the number is to say at least, where none is given.
            force_version: take a number that says less than what changed.

        Raises:
            InvalidInput: not a version number, or git has no identity.
            AlreadyExists: there is such a version, or no number is given and nothing changed.
            IntegrityError: tables, splits and store do not agree with each other.
            Conflict: an ingest is at work, or the number says less than what changed.
        """
        numbering = Numbering(version=version, bump=bump, force=force_version)
        return save_version(self.repo, numbering, message)

    def plan_version(
        self,
        version: str | None = None,
        message: str = "",
        *,
        bump: Bump = Bump.NONE,
        force_version: bool = False,
    ) -> Version:
        """Return what `save` would record, checking all it checks and writing nothing."""
        numbering = Numbering(version=version, bump=bump, force=force_version)
        return plan_version(self.repo, numbering, message)[0]

    def diff(self, before: str | None = None, after: str = DRAFT) -> Diff:
        """Return what changed from one version to another, or to the work tree.

        Args:
            before: the first version; the highest where None.
            after: the second one.

        Raises:
            NotFound: there is no such version.
            IntegrityError: one of them does not hold what it recorded.
        """
        from catalog.diff.compare import diff_trees

        return diff_trees(self.at(before).tree, self.at(after).tree)

    def verify(self, version: str | None = None) -> list[Finding]:
        """Recompute every digest of the work tree and of all versions, or of one version only."""
        from catalog.verify import check_dataset

        return check_dataset(self, version)

    def version(self, version: str | None = None) -> Version:
        """Return what was recorded of a version; of the highest one where None.

        Raises:
            NotFound: there is no such version.
        """
        known = {v.version: v for v in self.versions()}
        name = self.version_name(version)
        hint = f"save one: spikelake dataset save {self.root}"
        if name not in known and version is None:
            message = f"no version of {self.root} is saved yet"
            raise NotFound(message, hint=f"{hint}; the work tree is {self.root}@{DRAFT}")
        if name not in known:
            what = f"version of {self.root}:"
            raise NotFound.among(what, name, known, hint=hint)
        return known[name]

    def _recordings(self) -> Table:
        return parse_recordings(self._tree.text(RECORDINGS), path=f"{self.root}/{RECORDINGS}")

    def _check_new_split(self, name: str) -> None:
        check_file_name(name)
        if name.endswith(LEAKAGE_SUFFIX):
            message = f"{name!r} is the name of a leakage report, not of a split"
            raise InvalidInput(message, hint=f"choose a name that does not end in {LEAKAGE_SUFFIX}")
        saved = [v.version for v in self.versions() if name in v.splits]
        if name in self._tree.names("splits", ".json") or saved:
            where = f"version {saved[0]}" if saved else "the work tree"
            message = f"{where} has a split {name!r} already"
            hint = "a split is never rewritten: choose another name"
            files = f"splits/{name}.tsv and .json"
            if not saved and not self.repo.commit_adding(f"splits/{name}.json"):
                hint += f", or delete {files}, which no version has"
            raise AlreadyExists(message, hint=hint)


def check_free(root: Path) -> None:
    """Refuse a folder that a dataset cannot be made in.

    Raises:
        AlreadyExists: it is there and not empty.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        hint = "choose another folder, or remove what an interrupted attempt left there"
        message = f"{root} is there already"
        raise AlreadyExists(message, hint=hint)
