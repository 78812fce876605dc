"""Tasks by reference, and the datasets they are over."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import catalog
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.open_tasks import beside
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput, NotFound
from eventstore.side import SideTable
from eventstore.testing import tiny_folders


@pytest.fixture
def apart(
    empty: Dataset, animals: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Dataset, Path]:
    """A dataset whose task is over another in another folder, and that folder."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    empty.ingest(tiny_folders(tmp_path / "raw"))
    empty.make_split("official", catalog.OfficialRule())
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(animals.root, away / "animals")
    spec = catalog.TaskSpec(splits=("official", "animals@1.0.0/split:official"))
    catalog.make_task(empty, "both", spec, datasets=away)
    return empty, away


def test_other_datasets_are_found_where_one_says(apart: tuple[Dataset, Path]) -> None:
    dataset, away = apart
    reference = f"{dataset.root}@draft/task:both"
    with catalog.open_task(reference, datasets=away) as task:
        assert [len(part) for part in task.selections("train")] == [4, 9]
    with pytest.raises(NotFound, match=r"no dataset in .* 'animals'"):
        catalog.open_task(reference)


def test_a_reference_without_task_lists_them(apart: tuple[Dataset, Path]) -> None:
    dataset, _ = apart
    with pytest.raises(InvalidInput, match=r"names no task \(there are: both\)") as caught:
        catalog.open_task(f"{dataset.root}@draft")
    assert caught.value.hint == f"write {dataset.root}@draft/task:NAME"


def test_recordings_that_differ_beside_their_events_are_warned_of(animals: Dataset) -> None:
    catalog.make_task(animals, "three", catalog.TaskSpec(splits=("official",)))
    with animals.draft().store as store:
        held, sensor = {one: store.read(one) for one in store.recordings.ids}, store.sensor
    shutil.rmtree(animals.root / "events.zarr")
    with StoreWriter.create(animals.root / "events.zarr", sensor) as writer:
        for one, events in held.items():
            writer.append(one, [events], side={"triggers": [SideTable.of("triggers", {"t": [5]})]})
    describe_intake(WorkTree(animals.root), Intake([], {}, {}))
    with pytest.warns(UserWarning, match="in their side streams"):
        task = catalog.open_task(f"{animals.root}@draft/task:three")
    assert len(task.selection("train")) == 9
    task.close()


def test_datasets_lie_beside_each_other_also_at_a_url(animals: Dataset) -> None:
    found = beside(str(animals.root))("animals")
    assert found.root == animals.root
    with pytest.raises(NotFound):
        beside("memory://bucket/animals")("sides").at("1.0.0")


def test_a_task_opens_elsewhere_whatever_came_of_the_original(
    animals: Dataset, tmp_path: Path, grow: Callable[..., None]
) -> None:
    made = catalog.make_task(animals, "three", catalog.TaskSpec(splits=("official",)))
    animals.save("1.1.0")
    shutil.copytree(animals.root, tmp_path / "copy", symlinks=True)
    grow(animals, "validation", 3)
    with catalog.open_task(f"{tmp_path / 'copy'}@1.1.0/task:three#{made.digest}") as task:
        assert task.digest == made.digest
