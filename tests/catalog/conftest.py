"""A small dataset of made-up recordings, made once and copied for each test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.recording_table import Provenance
from catalog.splits.rules import OfficialRule
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor

CLASSES = ("cat", "dog", "owl")


def recording(seed: int, n: int = 50) -> Events:
    rng = np.random.default_rng(seed)
    return Events.of(
        t=np.sort(rng.integers(0, 1000, n)),
        x=rng.integers(0, 8, n),
        y=rng.integers(0, 6, n),
        p=rng.integers(0, 2, n),
    )


def add_recordings(dataset: Dataset, names: dict[str, tuple[str, str]], *, seed: int = 0) -> None:
    """Append one recording for each ``id -> (label, fold)``, as ingest would."""
    path = dataset.root / "events.zarr"
    opened = StoreWriter.open(path) if path.exists() else StoreWriter.create(path, Sensor(8, 6))
    with opened as writer:
        for k, name in enumerate(names):
            writer.append(name, [recording(seed + k)])
    provenance = {name: Provenance(f"{name}.bin", fold) for name, (_, fold) in names.items()}
    labels = {name: label for name, (label, _) in names.items()}
    describe_intake(WorkTree(dataset.root), Intake([], provenance, labels))


def names_of(fold: str, count: int) -> dict[str, tuple[str, str]]:
    return {f"{fold}/{CLASSES[k % 3]}/{k:03}": (CLASSES[k % 3], fold) for k in range(count)}


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "empty"
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        Dataset.create(root, Card(name="empty"))
    return root


@pytest.fixture
def empty(empty_template: Path, tmp_path: Path) -> Dataset:
    """A dataset just created."""
    shutil.copytree(empty_template, tmp_path / "empty", symlinks=True)
    return Dataset.open(tmp_path / "empty")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        root = tmp_path_factory.mktemp("template") / "animals"
        dataset = Dataset.create(root, Card(name="animals", title="Animals", licence="CC0-1.0"))
        add_recordings(dataset, names_of("train", 9) | names_of("test", 6))
        dataset.make_split("official", OfficialRule())
        dataset.save("1.0.0", "first")
    return root


@pytest.fixture
def animals(template: Path, tmp_path: Path) -> Iterator[Dataset]:
    """A dataset with 9 + 6 recordings, the split ``official`` and the version 1.0.0."""
    root = tmp_path / "animals"
    shutil.copytree(template, root, symlinks=True)
    yield Dataset.open(root)
    unprotect(root)


def unprotect(root: Path) -> None:
    """Let the folders of a dataset be removed: git-annex write-protects its own."""
    for folder in root.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)


Change = Callable[[Dataset], object]


@pytest.fixture(scope="session")
def changed_template(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Change], Path]:
    """A function that changes a copy of the template; it does so once for all tests."""

    @cache
    def make(change: Change) -> Path:
        root = tmp_path_factory.mktemp("changed") / "animals"
        shutil.copytree(template, root, symlinks=True)
        change(Dataset.open(root))
        return root

    return make


@pytest.fixture
def animals_after(
    animals: Dataset, changed_template: Callable[[Change], Path]
) -> Callable[[Change], Dataset]:
    """A function that returns the animals after a change, a function of the test's file.

    To save a version takes half a second: this copies one that was saved before.
    """

    def copy(change: Change) -> Dataset:
        unprotect(animals.root)
        shutil.rmtree(animals.root)
        shutil.copytree(changed_template(change), animals.root, symlinks=True)
        return animals

    return copy


@pytest.fixture
def grow() -> Callable[[Dataset, str, int], None]:
    """A function ``(dataset, fold, count)`` that adds made-up recordings under a new fold."""
    return lambda dataset, fold, count: add_recordings(dataset, names_of(fold, count), seed=100)


@pytest.fixture
def clone(animals: Dataset, tmp_path: Path) -> Dataset:
    """A clone of the dataset into which no annexed content was fetched."""
    root = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", animals.root, root], check=True, capture_output=True)
    return Dataset.open(root)


@pytest.fixture
def edit(animals: Dataset) -> Callable[[str, str, str], None]:
    """A function ``(path, old, new)`` that replaces text in a file of the dataset."""

    def replace(path: str, old: str, new: str) -> None:
        file = animals.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    return replace


@pytest.fixture
def git(animals: Dataset) -> Callable[..., None]:
    """A function that runs git in the dataset, as a user would whose PATH has git-annex."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(*arguments: str) -> None:
        environment = {**os.environ, "PATH": path}
        command = ["git", *arguments]
        subprocess.run(command, cwd=animals.root, env=environment, check=True, capture_output=True)

    return run
