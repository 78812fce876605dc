"""Verify names the link of the chain that broke, and goes on after it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.tasks.making import Lookup
from catalog.tasks.verifying import check_task
from eventstore.errors import NotFound
from eventstore.findings import Finding

Edit = Callable[[str, str, str], None]


def check(
    dataset: Dataset, lookup: Lookup, name: str = "three", version: str = "draft"
) -> list[Finding]:
    with dataset.at(version) as state:
        return check_task(dataset, state, name, lookup)


def errors(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(f.check, f.where.rpartition(": ")[2]) for f in findings if f.is_error}


@pytest.mark.parametrize("name", ["three", "crossed", "both"])
@pytest.mark.parametrize("version", ["draft", "1.1.0"])
def test_a_sound_task_has_no_findings(
    animals: Dataset, lookup: Lookup, name: str, version: str
) -> None:
    assert check(animals, lookup, name, version) == []


def test_growth_is_no_finding(animals: Dataset, lookup: Lookup, grow: Callable[..., None]) -> None:
    grow(animals, "validation", 3)
    assert check(animals, lookup) == []


def test_an_edited_split_row_is_found(animals: Dataset, lookup: Lookup, edit: Edit) -> None:
    edit("splits/official.tsv", "\ttrain\n", "\ttest\n")
    (finding,) = check(animals, lookup)
    assert errors([finding]) == {("split", "splits/official.tsv")}
    assert finding.message.startswith("its rows were edited; digest ")


def test_an_edited_label_is_found(animals: Dataset, lookup: Lookup, edit: Edit) -> None:
    edit("labels/class.tsv", "\tcat\n", "\tdog\n")
    assert errors(check(animals, lookup)) == {
        ("labels", "labels/class.tsv"),
        ("split", "splits/official.tsv"),
    }
    edit("labels/class.tsv", "\t0\t", "\tx\t")
    (finding,) = check(animals, lookup)
    assert "holds no interval" in finding.message


def test_a_label_that_the_task_does_not_use_is_no_finding(
    animals: Dataset, lookup: Lookup, edit: Edit
) -> None:
    edit("labels/class.tsv", "test/cat/003\t", "test/cat/000\t5\t9\towl\ntest/cat/003\t")
    assert check(animals, lookup) == []


def test_an_edited_task_is_found(animals: Dataset, lookup: Lookup, edit: Edit) -> None:
    edit("tasks/three.json", '"accuracy"', '"macro-f1"')
    (finding,) = check(animals, lookup)
    assert finding.check == "task"
    assert "tasks/three.json was edited" in finding.message


def test_a_split_frozen_anew_is_found(animals: Dataset, lookup: Lookup) -> None:
    for file in (animals.root / "splits").glob("official.*"):
        other = animals.root / "splits" / f"thirds{file.suffix}"
        file.write_text(other.read_text().replace('"thirds"', '"official"'))
    assert ("split", "splits/official.json") in errors(check(animals, lookup))


def test_other_content_names_the_recording(
    animals: Dataset, lookup: Lookup, rewrite: Callable[..., None]
) -> None:
    rewrite("test/cat/000")
    findings = check(animals, lookup)
    assert errors(findings) == {("recordings", "test/cat/000"), ("split", "splits/official.tsv")}
    (named,) = (f for f in findings if f.check == "recordings")
    assert named.message.startswith("not the content that the task was made over: digest ")


def test_an_edited_digest_is_found_against_the_store(
    animals: Dataset, lookup: Lookup, edit: Edit
) -> None:
    edit("recordings.tsv", "\t33513c669a", "\t33513c669b")
    places = [f.where.rpartition(": ")[2] for f in check(animals, lookup) if f.is_error]
    assert places.count("test/cat/000") == 2  # against the saved version, and against the store


def test_damaged_events_are_found_unless_in_haste(animals: Dataset, lookup: Lookup) -> None:
    file = (animals.root / "events.zarr/events/x/c/0").resolve()
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    assert any(f.is_error for f in check(animals, lookup, version="1.1.0"))
    with animals.at("1.1.0") as state:
        assert check_task(animals, state, "three", lookup, deep=False) == []


def test_a_moved_tag_of_the_other_dataset_is_found(
    animals: Dataset, folder: Path, lookup: Lookup
) -> None:
    sides = Dataset.open(folder / "sides")
    labels = (folder / "sides/labels/class.tsv").read_text()
    (folder / "sides/labels/more.tsv").write_text(labels)
    sides.save("1.1.0")
    sides.repo._git("tag", "-f", "1.0.0", "1.1.0")
    (finding,) = check(animals, lookup, "both")
    assert "the tag was moved" in finding.fix
    assert check(animals, lookup, "three") == []


def test_a_dataset_that_is_gone_is_found(animals: Dataset, folder: Path, lookup: Lookup) -> None:
    (folder / "sides/dataset.yaml").unlink()
    (finding,) = check(animals, lookup, "both")
    assert "no dataset in" in finding.message
    assert finding.where.endswith("sides@1.0.0/split:official")


def test_a_digest_of_the_reference_is_compared(animals: Dataset, lookup: Lookup) -> None:
    with animals.draft() as state:
        (finding,) = check_task(animals, state, "three", lookup, digest="00000000")
    assert "the reference says 00000000" in finding.message
    with pytest.raises(NotFound, match="did you mean 'three'"):
        check(animals, lookup, "tree")


def test_a_clone_without_events_is_told_how_to_have_them(clone: Dataset, lookup: Lookup) -> None:
    for version in ("draft", "1.1.0"):
        (finding,) = check(clone, lookup, version=version)
        where = str(clone.root) if version == "draft" else f"{clone.root}@{version}"
        assert finding.is_error  # what was asked for could not be done
        assert finding.fix.startswith(f"spikelake dataset get {where}; ")
