"""A dataset with subjects, of which one takes her recordings back."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.dataset import Dataset

SUBJECT = "P02"

GONE = ("test/dog/001", "train/dog/001")


@pytest.fixture(scope="session")
def people_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("people") / "animals"
    shutil.copytree(template, root, symlinks=True)
    animals = Dataset.open(root)
    names = animals.draft().recordings.column("recording_id")
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Test Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
        animals.set_column("subject", {n: SUBJECT if n in GONE else "P01" for n in names})
        animals.save("1.0.1", "who it is")
    return root


@pytest.fixture
def people(people_template: Path, tmp_path: Path) -> Iterator[Dataset]:
    """The animals with a column ``subject``, saved as 1.0.1; P02 has two recordings."""
    root = tmp_path / "animals"
    shutil.copytree(people_template, root, symlinks=True)
    yield Dataset.open(root)
    for folder in root.rglob("*"):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o755)  # git-annex write-protects its folders


@pytest.fixture
def marks(people: Dataset) -> list[bytes]:
    """Bytes by which the content of files with the withdrawn recordings is known: whole files."""
    return [path.read_bytes() for path in annexed(people.root).values()]


def annexed(root: Path) -> dict[str, Path]:
    """Return the content of each annexed key that lies in a repository, bare or not."""
    objects = next(p for p in (root / ".git/annex/objects", root / "annex/objects") if p.is_dir())
    return {p.name: p for p in objects.rglob("*") if p.is_file()}


Holding = Callable[[Path], list[str]]


@pytest.fixture
def holding(marks: list[bytes]) -> Holding:
    """A function that returns the files below a folder that are one of the old contents."""

    def run(folder: Path) -> list[str]:
        files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
        return [str(p) for p in files if p.read_bytes() in marks]

    return run


def git(root: Path, *arguments: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
    )
    return done.stdout.decode()
