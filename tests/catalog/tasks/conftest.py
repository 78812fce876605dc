"""A dataset with a task, and another one beside it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.open_tasks import beside, make_task
from catalog.splits.rules import KFoldRule, OfficialRule
from catalog.tasks.making import Lookup
from catalog.tasks.record import TaskRecord, read_task
from catalog.tasks.spec import TaskSpec
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.events import Sensor
from eventstore.side import SideTable
from eventstore.testing import tiny_folders


@pytest.fixture(scope="session")
def tasked_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the datasets animals, with tasks in its version 1.1.0, and sides 1.0.0."""
    folder = tmp_path_factory.mktemp("tasked")
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        other = Dataset.create(folder / "sides", Card(name="sides"))
        other.ingest(tiny_folders(folder / "raw"))
        other.make_split("official", OfficialRule())
        other.save("1.0.0", "first")
        shutil.copytree(template, folder / "animals", symlinks=True)
        animals = Dataset.open(folder / "animals")
        animals.make_split("thirds", KFoldRule(n_folds=3))
        make_task(animals, "three", TaskSpec(splits=("official",)))
        crossed = TaskSpec(splits=("thirds",), cross_validate=True)
        make_task(animals, "crossed", crossed)
        both = TaskSpec(
            splits=("official", "sides@1.0.0/split:official"),
            relabel={"sides:left": "cat"},
            train=("train",),
            test=("test", "sides:test"),
        )
        make_task(animals, "both", both)
        animals.save("1.1.0", "tasks")
    return folder


@pytest.fixture
def folder(tasked_template: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of that folder."""
    root = tmp_path / "data"
    shutil.copytree(tasked_template, root, symlinks=True)
    yield root
    for path in root.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)  # git-annex write-protects its folders


@pytest.fixture
def animals(folder: Path) -> Dataset:
    """The dataset that the tasks lie in."""
    return Dataset.open(folder / "animals")


@pytest.fixture
def rewrite(animals: Dataset) -> Callable[..., None]:
    """A function ``(name, x=True, side=False)`` that gives a recording other content.

    The work tree stays consistent: store and table of recordings both have the new content.
    """

    def replace(name: str, *, x: bool = True, side: bool = False) -> None:
        with animals.draft().store as store:
            held = {one: store.read(one) for one in store.recordings.ids}
        if x:
            held[name].x[0] ^= 1
        shutil.rmtree(animals.root / "events.zarr")
        tables = {"triggers": [SideTable.of("triggers", {"t": [5]})]}
        with StoreWriter.create(animals.root / "events.zarr", Sensor(8, 6)) as writer:
            for one, events in held.items():
                writer.append(one, [events], side=tables if side and one == name else None)
        describe_intake(WorkTree(animals.root), Intake([], {}, {}))

    return replace


@pytest.fixture
def lookup(animals: Dataset) -> Lookup:
    """Finds the other dataset."""
    return beside(str(animals.root))


@pytest.fixture
def three(animals: Dataset) -> TaskRecord:
    """The task over one split."""
    return read_task(animals.at("1.1.0").tree, "three")
