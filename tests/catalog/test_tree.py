"""Any version opens, whatever the work tree holds; absent or changed files are errors."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from catalog.dataset import Dataset
from catalog.tree import SavedTree, WorkTree, parse_map
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, IntegrityError, MissingContent, NotFound

Grow = Callable[[Dataset, str, int], None]
Edit = Callable[[str, str, str], None]
Git = Callable[..., None]


def test_an_old_version_reads_the_same_after_growth(animals: Dataset, grow: Grow) -> None:
    with animals.at("1.0.0") as old:
        before = old.store.read("test/owl/005")
    grow(animals, "validation", 6)
    animals.save("1.1.0", "more")
    with animals.at("1.0.0") as old, animals.at() as new:
        assert old.store.read("test/owl/005").equals(before)
        assert (old.store.n_recordings, new.store.n_recordings) == (15, 21)
        assert old.store.digest != new.store.digest
        assert len(old.recordings.rows) == 15
        assert old.split("official").digest == new.split("official").digest


def test_a_version_opens_without_any_work_tree(animals: Dataset) -> None:
    shutil.rmtree(animals.root / "events.zarr")
    (animals.root / "recordings.tsv").unlink()
    with animals.at("1.0.0") as version:
        assert len(version.store.read(0)) == 50


def test_events_that_were_not_fetched_are_no_zeros(clone: Dataset) -> None:
    version = clone.at("1.0.0")
    assert len(version.split("official").selection("train")) == 9  # tables came with the clone
    with pytest.raises(MissingContent) as caught:
        version.store.read(0)
    assert caught.value.hint == f"spikelake dataset get {clone.root}@1.0.0"
    with pytest.raises(MissingContent) as caught:
        clone.draft().store.read(0)
    command = shlex.split(caught.value.hint)  # run from elsewhere, it does what it says
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, env={**os.environ, "PATH": path}, check=True, capture_output=True)
    assert (clone.root / "events.zarr/events/t/c/0").is_file()


def test_fetching_brings_them(clone: Dataset, animals: Dataset) -> None:
    assert clone.get("1.0.0") == 4
    assert clone.get("1.0.0") == 0
    with clone.at("1.0.0") as there, animals.at("1.0.0") as here:
        assert there.store.read(3).equals(here.store.read(3))


def test_content_that_nobody_has_says_so(clone: Dataset, animals: Dataset) -> None:
    annex = animals.root / ".git" / "annex"
    for folder in annex.rglob("*"):
        if folder.is_dir():
            folder.chmod(0o755)
    shutil.rmtree(annex / "objects")
    with pytest.raises(MissingContent, match="4 of 4 files could not be fetched"):
        clone.get("1.0.0")


def test_bytes_that_are_not_here_are_read_from_their_url(clone: Dataset, animals: Dataset) -> None:
    map_file = clone.root / "versions" / "1.0.0.json"
    document = json.loads(map_file.read_text())
    memory = fsspec.filesystem("memory")
    for name in "txyp":
        path = f"events.zarr/events/{name}/c/0"
        memory.pipe(f"/test-tree/{name}", (animals.root / path).read_bytes())
        document["files"][path]["url"] = f"memory://test-tree/{name}"
    text = json.dumps(document)
    map_file.write_text(text)
    git = ["git", "-C", str(clone.root)]
    subprocess.run([*git, "commit", "-q", "-a", "-m", "name URLs"], check=True)
    entry = clone.version("1.0.0").with_references(sha256_text(text))
    with SavedTree(clone.repo, entry, clone.repo.commit("HEAD")).open_store() as far:
        assert far.files.remote
        with animals.at("1.0.0") as near:
            assert far.read(3).equals(near.store.read(3))
        memory.rm("/test-tree/x")
    far = SavedTree(clone.repo, entry, clone.repo.commit("HEAD")).open_store()
    with pytest.raises(MissingContent, match="memory://test-tree/x is not there"):
        far.read(3)
    memory.rm("/test-tree", recursive=True)


def test_a_moved_tag_is_refused(animals: Dataset, edit: Edit, git: Git) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    shutil.rmtree(animals.root / "splits")
    animals.save("2.0.0", "relabel")
    git("tag", "-f", "1.0.0", "2.0.0")
    with pytest.raises(IntegrityError, match="is not what the version recorded") as caught:
        animals.at("1.0.0")
    command = caught.value.hint.rpartition(": ")[2]  # what it says puts the tag back
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    assert animals.at("1.0.0").store.n_events == 750


def test_files_and_names_of_a_version(animals: Dataset) -> None:
    tree = animals.saved_tree(animals.version())
    work = WorkTree(animals.root)
    for folder, suffix in (("labels", ".tsv"), ("splits", ".json"), ("", ".yaml"), ("no", ".x")):
        assert tree.names(folder, suffix) == work.names(folder, suffix)
    assert tree.text("labels/class.tsv") == work.text("labels/class.tsv")
    for state in (tree, work):
        with pytest.raises(NotFound, match=r"has no labels/other\.tsv"):
            state.text("labels/other.tsv")
    with pytest.raises(NotFound):
        tree.text("events.zarr/events/t/c/0")


def test_an_annexed_file_is_checked_by_its_key(animals: Dataset, git: Git) -> None:
    entry = animals.version()
    git("rm", "-q", "events.zarr/events/t/c/0")
    git("commit", "-q", "-m", "lose a column")
    with pytest.raises(IntegrityError, match=r"events\.zarr/events/t/c/0 .* found none"):
        SavedTree(animals.repo, entry, animals.repo.commit("HEAD"))


def test_an_empty_folder_has_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no recordings yet"):
        WorkTree(tmp_path).open_store()


def test_maps_of_another_format_are_refused() -> None:
    for text in ("[]", '{"format": 2}'):
        with pytest.raises(FormatError, match="not a reference map"):
            parse_map(text, "versions/1.0.0.json")


def test_text_that_is_not_utf8_names_file_and_byte(animals: Dataset) -> None:
    (animals.root / "labels" / "class.tsv").write_bytes(b"caf\xe9\n")
    with pytest.raises(FormatError, match=r"labels/class\.tsv at byte 3: not UTF-8 text"):
        WorkTree(animals.root).text("labels/class.tsv")
    assert {finding.check for finding in animals.verify("draft")} == {"labels", "split"}
