"""Two states of a real dataset, compared file by file."""

import shutil
from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.diff.bump import Bump
from catalog.diff.change import Diff
from catalog.diff.compare import diff_trees
from catalog.tree import WorkTree
from eventstore.rewrite import rewrite_store
from eventstore.schema import Layout

Grow = Callable[[Dataset, str, int], None]
Edit = Callable[[str, str, str], None]


def found(diff: Diff) -> list[tuple[str, str, str]]:
    return [(c.what, c.name, c.bump.text) for c in diff.changes]


def test_a_clean_dataset_has_no_changes(animals: Dataset) -> None:
    assert animals.diff().changes == ()
    assert animals.diff("1.0.0", "1.0.0").changes == ()


def test_growth_asks_for_a_minor_number(animals: Dataset, grow: Grow) -> None:
    grow(animals, "validation", 4)
    diff = animals.diff()
    assert diff.bump is Bump.MINOR
    assert diff.counts() == {("recording", "added"): 4, ("label", "added"): 4}
    animals.save("1.1.0")
    assert animals.diff("1.0.0", "1.1.0").changes == diff.changes
    back = animals.diff("1.1.0", "1.0.0")
    assert back.bump is Bump.MAJOR
    assert back.counts() == {("recording", "removed"): 4, ("label", "removed"): 4}


def test_one_relabelled_interval_is_the_only_change(animals: Dataset, edit: Edit) -> None:
    edit("labels/class.tsv", "\towl\n", "\tcat\n")
    [change] = animals.diff().changes
    assert (change.what, change.of, change.bump) == ("label", "class", Bump.MAJOR)


def test_splits_tasks_cards_and_files(animals: Dataset, edit: Edit) -> None:
    edit("dataset.yaml", "licence: CC0-1.0", "licence: CC-BY-4.0")
    edit("splits/official.tsv", "\ttrain\n", "\ttest\n")
    (animals.root / "tasks").mkdir()
    (animals.root / "tasks" / "animals.json").write_text("{}\n")
    (animals.root / "notes.md").write_text("x\n")
    (animals.root / "README.md").write_text("made anew with each version\n")
    (animals.root / "labels" / "boxes.npy").write_bytes(b"x")
    changes = found(animals.diff())
    assert [change for change in changes if change[0] != "split row"] == [
        ("task", "animals", "minor"),
        ("file", "labels/boxes.npy", "minor"),
        ("card", "licence", "patch"),
        ("file", "notes.md", "patch"),
    ]
    assert [bump for what, _, bump in changes if what == "split row"] == ["major"]
    shutil.rmtree(animals.root / "splits")
    assert ("split", "official", "major") in found(animals.diff())


def test_a_rewritten_store_with_the_same_events_is_a_patch(animals: Dataset) -> None:
    rewrite_store(animals.root / "events.zarr", layout=Layout(chunk_events=64, shard_events=128))
    assert found(animals.diff()) == [("store", "events.zarr", "patch")]
    animals.save()
    assert animals.version().version == "1.0.1"
    assert found(animals.diff("1.0.0", "1.0.1")) == [("store", "events.zarr", "patch")]


def test_publishing_is_no_change(animals: Dataset) -> None:
    (animals.root / "remotes.json").write_text('{"format": 1, "remotes": []}')
    assert animals.diff().changes == ()


@pytest.mark.parametrize("path", ["labels/class.tsv", "recordings.tsv", "dataset.yaml"])
def test_a_state_without_a_file_differs_in_all_of_it(animals: Dataset, path: str) -> None:
    (animals.root / path).unlink()
    diff = diff_trees(animals.at("1.0.0").tree, WorkTree(animals.root))
    assert diff.bump is Bump.MAJOR
