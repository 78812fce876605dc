"""Official splits: whole, in part, of other columns."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.public.entry import PublicDataset, PublicFile
from catalog.public.official import freeze_official, group_findings
from catalog.public.sources import Result, Sources
from eventstore.errors import InvalidInput

FILES = tuple(PublicFile(name=f"{n}.zip", urls=(f"https://example.org/{n}",)) for n in "ab")


def sources(n_files: int, **facts: object) -> Sources:
    entry = PublicDataset(
        name="animals",
        title="Animals",
        layout="class-folders",
        files=FILES,
        **facts,  # type: ignore[arg-type]
    )
    names = tuple(file.name for file in FILES[:n_files])
    result = Result(files=names, digest="", n_recordings=15, n_events=0)
    return Sources(entry=entry, result=result)


WHOLE = {"official": {"train": 9, "test": 6}}


@pytest.fixture
def unsplit(animals: Dataset) -> Dataset:
    """A dataset without the split, in the work tree and in any version."""
    for suffix in ("tsv", "json"):
        (animals.root / "splits" / f"official.{suffix}").unlink()
    animals.versions = list  # type: ignore[method-assign] # as if none was saved
    return animals


def test_the_whole_is_official(unsplit: Dataset) -> None:
    assert freeze_official(unsplit, sources(2, official=WHOLE)) == ["official"]
    assert freeze_official(unsplit, sources(2, official=WHOLE)) == []
    record = unsplit.draft().split("official").record
    assert record.rule["expected"] == {"train": 9, "test": 6}


def test_counts_are_compared(unsplit: Dataset) -> None:
    with pytest.raises(InvalidInput, match="found"):
        freeze_official(unsplit, sources(2, official={"official": {"train": 9, "test": 7}}))


def test_a_part_has_a_name_of_its_own(unsplit: Dataset) -> None:
    wrong = {"official": {"train": 1}}
    assert freeze_official(unsplit, sources(1, official=wrong)) == ["official-part"]


def test_a_saved_part_is_never_rewritten(animals: Dataset) -> None:
    assert freeze_official(animals, sources(1, official=WHOLE)) == ["official-part"]
    animals.save()
    assert freeze_official(animals, sources(1, official=WHOLE)) == ["official-part-2"]


def test_another_split_has_another_column(
    unsplit: Dataset, edit: Callable[[str, str, str], None]
) -> None:
    folds = {
        row: "train" if "train" in row else "val"
        for row in unsplit.draft().recordings.column("recording_id")
    }
    unsplit.set_column("fold_tebn", folds)
    made = freeze_official(unsplit, sources(2, official={"tebn": {"train": 9, "val": 6}}))
    assert made == ["tebn"]
    assert unsplit.draft().split("tebn").record.rule["column"] == "fold_tebn"


def test_groups_that_are_not_known_are_told(animals: Dataset) -> None:
    entry = sources(2, group_by="speaker").entry
    assert [f.message for f in group_findings(animals, entry)] == [
        "15 of 15 recordings have no speaker"
    ]
    names = animals.draft().recordings.column("recording_id")
    animals.set_column("speaker", dict.fromkeys(names[1:], "george"))
    assert "1 of 15" in group_findings(animals, entry)[0].message
    animals.set_column("speaker", dict.fromkeys(names, "george"))
    assert group_findings(animals, entry) == []
    assert group_findings(animals, sources(2).entry) == []
