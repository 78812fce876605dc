"""A task opens where all it pins is as it was, and is refused where anything is not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.tasks.making import Lookup
from catalog.tasks.opening import open_task
from catalog.tasks.record import TaskRecord
from eventstore.errors import IntegrityError, NotFound

Edit = Callable[[str, str, str], None]


def test_growth_keeps_a_task_and_its_digest(
    animals: Dataset, lookup: Lookup, grow: Callable[..., None], three: TaskRecord
) -> None:
    grow(animals, "validation", 3)
    animals.save("1.2.0")
    with open_task(animals.at("1.2.0"), "three", lookup) as task:
        assert task.digest == three.digest
        assert task.findings == ()
        assert str(task.reference) == f"animals@1.2.0/task:three#{three.digest[:16]}"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("splits/official.tsv", "\ttrain\n", "\ttest\n"),
        ("labels/class.tsv", "\tcat\n", "\tdog\n"),
        ("tasks/three.json", '"train"\n', '"test"\n'),
    ],
)
def test_an_edit_is_refused(
    animals: Dataset, lookup: Lookup, path: str, old: str, new: str
) -> None:
    file = animals.root / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(IntegrityError, match="is not what it was frozen as"):
        open_task(animals.draft(), "three", lookup)


def test_another_content_of_a_recording_is_refused(
    animals: Dataset, lookup: Lookup, rewrite: Callable[..., None]
) -> None:
    rewrite("test/cat/000")
    with pytest.raises(IntegrityError, match="is not what it was frozen as") as caught:
        open_task(animals.draft(), "three", lookup)
    assert "spikelake task verify" in caught.value.hint


def test_another_side_stream_is_a_warning(
    animals: Dataset, lookup: Lookup, rewrite: Callable[..., None]
) -> None:
    rewrite("test/cat/000", x=False, side=True)
    with open_task(animals.draft(), "three", lookup) as task:
        (finding,) = task.findings
        assert not finding.is_error
        assert "in their side streams" in finding.message


def test_a_split_frozen_anew_under_its_name_is_refused(
    animals: Dataset, lookup: Lookup, edit: Edit
) -> None:
    for file in (animals.root / "splits").glob("official.*"):
        other = animals.root / "splits" / f"thirds{file.suffix}"
        file.write_text(other.read_text().replace('"thirds"', '"official"'))
    with pytest.raises(IntegrityError, match=r"split 'official' has digest .*, the task pins"):
        open_task(animals.draft(), "three", lookup)


def test_another_version_of_the_other_dataset_is_refused(
    animals: Dataset, folder: Path, lookup: Lookup, edit: Edit
) -> None:
    sides = Dataset.open(folder / "sides")
    labels = (folder / "sides/labels/class.tsv").read_text()
    (folder / "sides/labels/more.tsv").write_text(labels)
    sides.save("1.1.0")
    edit("tasks/both.json", '"version": "1.0.0"', '"version": "1.1.0"')
    with pytest.raises(IntegrityError, match=r"version 1\.1\.0 has digest .*, the task pins"):
        open_task(animals.draft(), "both", lookup)


def test_a_dataset_that_is_not_here_is_named(animals: Dataset, lookup: Lookup) -> None:
    def nothing(name: str) -> Dataset:
        message = f"no dataset {name}"
        raise NotFound(message)

    with pytest.raises(NotFound, match="no dataset sides"):
        open_task(animals.at("1.1.0"), "both", nothing)


def test_a_digest_cited_must_be_the_tasks(
    animals: Dataset, lookup: Lookup, three: TaskRecord
) -> None:
    open_task(animals.draft(), "three", lookup, digest=three.digest[:8]).close()
    with pytest.raises(IntegrityError, match="the reference says 00000000"):
        open_task(animals.draft(), "three", lookup, digest="00000000")
    assert replace(three, name="x").content_digest == three.digest


@pytest.mark.parametrize("name", ["three", "crossed", "both"])
def test_after_a_withdrawal_a_task_opens_without_its_samples_and_says_so(
    animals: Dataset, lookup: Lookup, name: str
) -> None:
    from catalog.tasks.verifying import check_task
    from catalog.withdrawal.withdrawing import withdraw_recordings

    gone = "train/dog/001"
    with open_task(animals.at("1.1.0"), name, lookup) as before:
        n_before = sum(len(s) for s in before.round(before.round_names[0]).train)
        n_before += sum(len(s) for s in before.round(before.round_names[0]).test)
        digest = before.digest
    version = withdraw_recordings(animals, [gone]).version
    with animals.at(version) as state, open_task(state, name, lookup) as task:
        assert task.digest == digest
        parts = task.round(task.round_names[0])
        samples = [x for s in (*parts.train, *parts.test) for x in s.sample_ids()]
        assert len(samples) == n_before - 1
        assert not any(x.startswith(f"{gone}#") for x in samples)
        assert [f.check for f in task.findings] == ["withdrawn"]
        found = check_task(animals, state, name, lookup)
    assert [(f.check, f.is_error) for f in found] == [("withdrawn", False)]
    assert "1 sample of 1 withdrawn recording" in found[0].message


def test_a_task_pinned_to_an_old_version_says_what_is_missing(
    animals: Dataset, lookup: Lookup
) -> None:
    from catalog.tasks.verifying import check_task
    from catalog.withdrawal.withdrawing import withdraw_recordings

    withdraw_recordings(animals, ["train/dog/001"])
    with animals.at("1.1.0") as state:
        found = check_task(animals, state, "three", lookup)
    assert not any(f.is_error for f in found)
    assert any("withdrawn" in f.message + f.fix for f in found)
