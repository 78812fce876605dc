"""Saving survives a kill at any step, and refuses what does not agree."""

from pathlib import Path

import pytest

from catalog import saving
from catalog.dataset import Dataset
from catalog.repo import Repo
from catalog.text_files import write_text
from eventstore.append import StoreWriter
from eventstore.digest import sha256_file
from eventstore.errors import AlreadyExists, Conflict, IntegrityError, InvalidInput, NotFound
from eventstore.store import EventStore


class Killed(BaseException):
    """Stands for the end of the process."""


def kill(*_: object, **__: object) -> None:
    raise Killed


def grow(dataset: Dataset) -> None:
    dataset.set_column("mood", {"train/cat/000": "grumpy"})


@pytest.mark.parametrize("step", ["write README.md", "write 1.1.0.json", "write versions.json"])
def test_a_save_cut_off_before_its_commit_never_was(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    grow(animals)

    def write(path: Path, text: str) -> None:
        if path.name == step.removeprefix("write "):
            raise Killed
        write_text(path, text)

    with monkeypatch.context() as patch:
        patch.setattr(saving, "write_text", write)
        with pytest.raises(Killed):
            animals.save("1.1.0")
    assert [v.version for v in animals.versions()] == ["1.0.0"]
    assert animals.at().store.n_events == 750
    animals.save("1.1.0")
    assert animals.verify() == []


def test_a_save_cut_off_at_its_commit_never_was(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(animals)
    with monkeypatch.context() as patch:
        patch.setattr(Repo, "save", kill)
        with pytest.raises(Killed):
            animals.save("1.1.0")
    assert "1.1.0" in (animals.root / "versions.json").read_text()
    assert [v.version for v in animals.versions()] == ["1.0.0"]
    animals.save("1.2.0")
    assert [v.version for v in animals.versions()] == ["1.0.0", "1.2.0"]


def test_a_save_cut_off_before_its_tag_is_tagged_by_the_next(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(animals)
    with monkeypatch.context() as patch:
        patch.setattr(Repo, "tag", kill)
        with pytest.raises(Killed):
            animals.save("1.1.0")
    commit = animals.repo.commit("HEAD")
    with pytest.raises(IntegrityError, match="has lost its tag") as caught:
        animals.at("1.1.0")
    assert caught.value.hint == f"git -C {animals.root} tag 1.1.0 {commit}"
    with pytest.raises(AlreadyExists):
        animals.save("1.1.0")
    assert animals.repo.commit("1.1.0") == commit
    assert animals.at("1.1.0").recordings.column("mood").count("grumpy") == 1


def test_a_version_is_never_saved_twice(animals: Dataset) -> None:
    before = animals.repo.commit("HEAD")
    with pytest.raises(AlreadyExists, match=r"version or tag 1.0.0 already"):
        animals.save("1.0.0")
    animals.repo.tag("3.0.0", "made by hand")
    with pytest.raises(AlreadyExists):
        animals.save("3.0.0")
    assert animals.repo.commit("HEAD") == before
    with pytest.raises(InvalidInput, match="not a version number"):
        animals.save("first")


def test_a_plan_says_what_a_save_records_and_writes_nothing(animals: Dataset) -> None:
    grow(animals)
    changed = animals.repo.changed()
    plan = animals.plan_version("1.1.0", "moods")
    assert animals.repo.changed() == changed
    saved = animals.save("1.1.0", "moods")
    assert (plan.digest, plan.tree, plan.labels) == (saved.digest, saved.tree, saved.labels)


def test_every_file_is_in_the_map_with_its_sum(animals: Dataset) -> None:
    tree = animals.saved_tree(animals.version("1.0.0"))
    listed = set(animals.repo.paths("1.0.0")) - {"versions.json", "versions/1.0.0.json"}
    assert set(tree.files) == listed
    for path, facts in tree.files.items():
        assert facts["sha256"] == sha256_file(animals.root / path), path
        assert facts["size"] == (animals.root / path).stat().st_size


def test_a_store_that_its_table_does_not_know_is_refused(animals: Dataset) -> None:
    (animals.root / "recordings.tsv").write_text(
        "".join((animals.root / "recordings.tsv").read_text().splitlines(keepends=True)[:-1])
    )
    with pytest.raises(IntegrityError, match="do not hold the same recordings") as caught:
        animals.save("1.1.0")
    assert "--resume" in caught.value.hint


def test_an_empty_dataset_has_no_version(empty: Dataset) -> None:
    with pytest.raises(NotFound, match="no recordings"):
        empty.save("1.0.0")
    assert empty.verify()[0].message == "no recordings yet"


def test_the_tree_digest_is_the_stores(animals: Dataset) -> None:
    with EventStore.open(animals.root / "events.zarr") as store:
        assert animals.version("1.0.0").tree == store.digest


def test_a_store_that_lost_a_file_is_not_saved(animals: Dataset) -> None:
    grow(animals)
    (animals.root / "events.zarr/events/t/c/0").unlink()
    with pytest.raises(IntegrityError, match="lost 1 of its files, such as events/t/c/0"):
        animals.save("1.1.0")


def test_content_that_is_elsewhere_does_not_keep_from_saving(clone: Dataset) -> None:
    grow(clone)
    assert clone.save("1.1.0").n_events == 750


def test_nothing_is_saved_while_a_writer_is_at_work(animals: Dataset) -> None:
    grow(animals)
    with (
        StoreWriter.open(animals.root / "events.zarr"),
        pytest.raises(Conflict, match="another writer"),
    ):
        animals.save("1.1.0")
    animals.save("1.1.0")
    assert animals.verify() == []
