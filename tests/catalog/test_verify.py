"""verify finds every kind of damage and goes on after each."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.splits.leakage.check import check_split_leakage
from catalog.tree import WorkTree
from eventstore.errors import IntegrityError, NotFound
from eventstore.findings import Finding, Severity

Edit = Callable[[str, str, str], None]
Git = Callable[..., None]
Grow = Callable[[Dataset, str, int], None]


def checks(findings: list[Finding]) -> set[str]:
    return {finding.check for finding in findings if finding.is_error}


def test_a_sound_dataset_has_no_findings(animals: Dataset, grow: Grow) -> None:
    grow(animals, "validation", 3)
    animals.save("1.1.0")
    assert animals.verify() == []
    assert animals.verify("1.0.0") == animals.verify("draft") == []
    with pytest.raises(NotFound):
        animals.verify("7.0.0")


def test_an_edited_split_row_is_found(animals: Dataset, edit: Edit) -> None:
    edit("splits/official.tsv", "\ttrain\n", "\ttest\n")
    findings = animals.verify()
    assert checks(findings) == {"split"}
    assert "expected" in findings[0].message
    assert animals.verify("1.0.0") == []


def test_an_edited_label_is_found(animals: Dataset, edit: Edit) -> None:
    edit("labels/class.tsv", "\tcat\n", "\tdog\n")
    assert checks(animals.verify()) == {"split"}
    edit("labels/class.tsv", "\t0\t", "\tx\t")
    assert checks(animals.verify()) == {"labels", "split"}


def test_a_label_of_no_recording_is_found(animals: Dataset, edit: Edit) -> None:
    edit("labels/class.tsv", "test/cat/000\t", "nobody\t0\t5\tcat\ntest/cat/000\t")
    assert "labels" in checks(animals.verify())


def test_a_table_that_cannot_be_read_is_one_error(animals: Dataset, edit: Edit) -> None:
    edit("recordings.tsv", "fold", "fould")
    (finding,) = animals.verify("draft")
    assert finding.where == f"{animals.root}: recordings.tsv"
    assert finding.message.startswith("not a table of recordings")


def test_labels_of_recordings_that_are_gone_are_one_error(animals: Dataset) -> None:
    table = animals.root / "recordings.tsv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:1]))
    (finding,) = (f for f in animals.verify("draft") if f.check == "labels")
    assert finding.message.startswith("labels 15 recordings that the dataset has not: test/cat/000")


def test_a_recording_that_the_table_has_not_is_found(animals: Dataset, edit: Edit) -> None:
    edit("recordings.tsv", "\t33513c669a", "\t33513c669b")
    findings = [f for f in animals.verify("draft") if f.check == "recordings"]
    assert [f.where.rpartition(": ")[2] for f in findings] == ["test/cat/000"]


def test_an_edited_fact_is_found_refused_and_mended(animals: Dataset, edit: Edit) -> None:
    edit("recordings.tsv", "\t50\t", "\t51\t")
    (finding,) = animals.verify("draft")
    assert finding.where == f"{animals.root}: test/cat/000"
    assert finding.message == "recordings.tsv: n_events is 51, in the store 50"
    with pytest.raises(
        IntegrityError, match=r"wrong of 1 recordings: test/cat/000: n_events is 51"
    ):
        animals.save("1.1.0")
    describe_intake(WorkTree(animals.root), Intake([], {}, {}))
    assert animals.verify("draft") == []


def test_a_moved_tag_is_found(animals: Dataset, edit: Edit, git: Git) -> None:
    edit("dataset.yaml", "Animals", "Beasts")
    animals.save("1.0.1")
    git("tag", "-f", "1.0.0", "1.0.1")
    findings = animals.verify()
    assert checks(findings) == {"tag"}
    assert findings[0].where == "1.0.0"


def test_a_lost_tag_is_found_with_its_commit(animals: Dataset, git: Git) -> None:
    commit = animals.repo.commit("1.0.0")
    git("tag", "-d", "1.0.0")
    (finding,) = animals.verify()
    assert (finding.check, finding.fix) == ("tag", f"git -C {animals.root} tag 1.0.0 {commit}")


def test_an_entry_rewritten_in_versions_json_is_found(
    animals: Dataset, edit: Edit, git: Git
) -> None:
    edit("versions.json", '"n_events": 750', '"n_events": 7500')
    assert checks(animals.verify()) == {"history"}
    git("commit", "-q", "-a", "-m", "embellish")
    assert checks(animals.verify()) == {"history"}
    (animals.root / "versions.json").write_text("[")
    assert checks(animals.verify()) == {"history"}


def test_a_file_table_rewritten_since_is_found(animals: Dataset, edit: Edit, git: Git) -> None:
    edit("versions/1.0.0.json", '"size": ', '"size": 1')
    git("commit", "-q", "-a", "-m", "embellish")
    (finding,) = animals.verify()
    assert (finding.check, finding.where) == ("history", "versions/1.0.0.json")
    assert finding.fix == f"git -C {animals.root} checkout 1.0.0 -- versions/1.0.0.json"
    (animals.root / "versions/1.0.0.json").unlink()
    assert checks(animals.verify()) == {"history"}


def test_an_unreadable_card_is_found(animals: Dataset) -> None:
    (animals.root / "dataset.yaml").write_text("name: [\n")
    assert checks(animals.verify()) == {"card"}


def test_damaged_events_are_found_in_every_version(animals: Dataset) -> None:
    file = (animals.root / "events.zarr/events/x/c/0").resolve()
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    findings = animals.verify()
    assert checks(findings) >= {"content"}
    assert any("sha256 is not that of their key" in f.message for f in findings)
    assert checks(findings) > {"content"}  # the store's own check found the chunk, too


def test_absent_content_is_said_not_hidden(clone: Dataset) -> None:
    findings = clone.verify("1.0.0")
    assert checks(findings) == set()
    assert "4 of 4 files is not here" in findings[0].message
    assert {f.severity for f in findings} == {Severity.INFO}
    assert findings[0].fix == f"spikelake dataset get {clone.root}@1.0.0"
    assert checks(clone.verify("draft")) == set()


def test_an_ingest_that_was_killed_is_a_warning_in_few_words(animals: Dataset) -> None:
    (animals.root / "recordings.tsv").unlink()
    (finding,) = (f for f in animals.verify("draft") if f.check == "recordings")
    assert finding.severity == Severity.WARNING
    assert finding.message == "15 recordings in the store are not in recordings.tsv yet"
    assert finding.fix == f"spikelake ingest SOURCE --into {animals.root} --resume"


def test_an_ingest_killed_before_its_first_publication_left_nothing(tmp_path: Path) -> None:
    dataset = Dataset.create(tmp_path / "new", Card(name="new"))
    (dataset.root / "events.zarr").mkdir()
    assert checks(dataset.verify()) == set()


def test_a_store_that_is_gone_is_an_error(animals: Dataset) -> None:
    shutil.rmtree(animals.root / "events.zarr")
    assert "store" in checks(animals.verify("draft"))


@pytest.mark.parametrize("key", ["events/t/c/0", "index/t/c/0"])
def test_a_file_that_the_store_lost_is_an_error(animals: Dataset, key: str) -> None:
    (animals.root / "events.zarr" / key).unlink()
    (finding,) = animals.verify("draft")
    assert finding.is_error
    assert finding.where == f"{animals.root}: events.zarr/{key}"
    assert finding.fix == f"git -C {animals.root} checkout HEAD -- events.zarr"
    assert {f.severity for f in animals.verify("1.0.0")} <= {Severity.INFO}


def test_a_recording_that_left_the_store_is_an_error(animals: Dataset) -> None:
    path = animals.root / "recordings.tsv"
    lines = path.read_text().splitlines()
    lines.append(lines[-1].replace(lines[-1].split("\t")[0], "zebra", 1))
    path.write_text("\n".join(lines) + "\n")
    found = [f for f in animals.verify("draft") if "zebra" in f.where]
    assert [f.is_error for f in found] == [True]
    assert "not in the store" in found[0].message


def test_a_leakage_report_of_another_split_is_a_warning(animals: Dataset) -> None:
    report = check_split_leakage(animals.draft(), "official", near_duplicates=False)
    kept = animals.root / report.path
    kept.write_text(report.text(), encoding="utf-8")
    assert not [f for f in animals.verify() if f.check == "leakage-report"]
    kept.write_text(replace(report, digest="ab" * 32).text(), encoding="utf-8")
    (found,) = [f for f in animals.verify() if f.check == "leakage-report"]
    assert found.severity is Severity.WARNING
    assert "stale: of digest abababababababab" in found.message
    assert "split:official --save" in found.fix
    kept.write_text(replace(report, method="earlier").text(), encoding="utf-8")
    (found,) = [f for f in animals.verify() if f.check == "leakage-report"]
    assert found.severity is Severity.INFO
