"""Tombstones say no more of a recording than frozen splits need to stay checkable."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.removal import remove_from_dataset, tables_without
from catalog.splits.rules import OfficialRule
from catalog.text_files import write_text
from catalog.tombstones import (
    WITHDRAWN,
    Tombstone,
    gone_samples,
    mark_of,
    parse_tombstones,
    read_tombstones,
    tombstones_table,
    withdrawn_among,
)
from catalog.tree import STORE, WorkTree
from eventstore.errors import Conflict, FormatError, IntegrityError
from eventstore.findings import Severity
from eventstore.rewrite import remove_recordings

GONE = "train/dog/001"


def bury(dataset: Dataset, name: str, *, digest: str | None = None, label: str = "dog") -> None:
    """Remove a recording and leave a tombstone, as a withdrawal does."""
    draft = dataset.draft()
    row = draft.store.recordings.row(name)
    own = draft.store.recordings.digests[row].hex()
    times = {
        sample.rpartition("#")[2]: label
        for sample, x in draft.labels().items()
        if x.recording_id == name
    }
    one = Tombstone(mark_of(name), "2026-01-02", digest or own, {"class": times})
    write_text(dataset.root / WITHDRAWN, tombstones_table([one]).text())
    remove_recordings(dataset.root / STORE, [name])
    for path, table in tables_without(WorkTree(dataset.root), {name}):
        write_text(dataset.root / path, table.text())


def test_what_is_written_reads_back() -> None:
    stones = [
        Tombstone(mark_of("a"), "2026-01-02", "ab", {"class": {"0-9": "käfer\t"}}),
        Tombstone(mark_of("b"), "2026-01-02", "", {}),
    ]
    text = tombstones_table(stones).text()
    assert parse_tombstones(text, path=WITHDRAWN) == {one.mark: one for one in stones}
    assert "\ta\t" not in text


def test_other_tables_are_refused() -> None:
    with pytest.raises(FormatError, match="not a table of tombstones"):
        parse_tombstones("a\tb\n", path=WITHDRAWN)
    head = tombstones_table([]).text()
    with pytest.raises(FormatError, match="line 2: labels are no JSON"):
        parse_tombstones(head + "a\tb\tc\t{\n", path=WITHDRAWN)


def test_a_split_opens_without_what_was_withdrawn(animals: Dataset) -> None:
    before = animals.draft().split("official")
    bury(animals, GONE)
    split = animals.draft().split("official")
    assert split.digest == before.digest
    assert [s.rpartition("#")[0] for s in split.withdrawn] == [GONE]
    left = [x for x in before.samples if x.recording_id != GONE]
    assert list(split.samples) == left
    assert sum(len(part) for part in split.folds.values()) == 14
    assert withdrawn_among(animals.draft().tree, [GONE, "b"]) == [GONE]
    [finding] = animals.verify("draft")
    assert (finding.severity.name, finding.check) == ("INFO", "withdrawn")
    assert "1 sample of 1 withdrawn recording are left out" in finding.message
    assert animals.save(None, "one less").version == "2.0.0"
    assert len(animals.at("2.0.0").split("official").withdrawn) == 1
    assert len(animals.at("1.0.0").split("official").withdrawn) == 0


def test_a_fold_of_which_nothing_is_left_is_empty(animals: Dataset) -> None:
    animals.write_labels([Label(GONE, 0, 5, "bark"), Label("test/cat/000", 0, 5, "purr")], "s")
    names = animals.draft().recordings.column("recording_id")
    animals.set_column("fold", {n: "" for n in names if n not in {GONE, "test/cat/000"}})
    animals.make_split("two", OfficialRule(), label_set="s")
    stone = Tombstone(
        mark_of(GONE),
        "2026-01-02",
        animals.draft().store.recordings.digests[animals.draft().store.recordings.row(GONE)].hex(),
        {"s": {"0-5": "bark"}},
    )
    write_text(animals.root / WITHDRAWN, tombstones_table([stone]).text())
    remove_recordings(animals.root / STORE, [GONE])
    for path, table in tables_without(WorkTree(animals.root), {GONE}):
        write_text(animals.root / path, table.text())
    split = animals.draft().split("two")
    assert {fold: len(part) for fold, part in split.folds.items()} == {"train": 0, "test": 1}


@pytest.mark.parametrize("wrong", ["digest", "label"])
def test_a_tombstone_that_is_not_as_it_was_is_found(animals: Dataset, wrong: str) -> None:
    if wrong == "digest":
        bury(animals, GONE, digest="ab" * 32)
    else:
        bury(animals, GONE, label="cat")
    with pytest.raises(IntegrityError, match="is not what it was frozen as"):
        animals.draft().split("official")


def test_without_a_tombstone_it_is_still_an_error(animals: Dataset) -> None:
    bury(animals, GONE)
    (animals.root / WITHDRAWN).unlink()
    with pytest.raises(IntegrityError, match="lists train/dog/001#"):
        animals.draft().split("official")


def test_an_edited_row_is_still_found(
    animals: Dataset, edit: Callable[[str, str, str], None]
) -> None:
    bury(animals, GONE)
    edit("splits/official.tsv", "\ttrain", "\ttest")
    with pytest.raises(IntegrityError, match="is not what it was frozen as"):
        animals.draft().split("official")


def test_only_what_was_withdrawn_is_gone(animals: Dataset) -> None:
    bury(animals, GONE)
    tree = animals.draft().tree
    assert read_tombstones(tree).keys() == {mark_of(GONE)}
    gone = gone_samples(tree, "class", ["train/cat/000#0-9", f"{GONE}#0-1"])
    assert gone == ({}, {})


def test_what_comes_back_is_refused_and_told_of(animals: Dataset) -> None:
    stone = Tombstone(mark_of("train/dog/001"), "2026-01-02", "", {})
    write_text(animals.root / WITHDRAWN, tombstones_table([stone]).text())
    found = [f for f in animals.verify("draft") if f.severity is Severity.ERROR]
    assert [f.check for f in found] == ["withdrawn"]
    assert "train/dog/001 was withdrawn and is there again" in found[0].message
    assert "remove-recording" in found[0].fix
    with pytest.raises(Conflict, match="is there again") as caught:
        animals.save(None, "back")
    assert caught.value.hint.endswith("train/dog/001")
    own = animals.draft().store.recordings
    digest = own.digests[own.row("train/dog/001")].hex()
    times = next(s for s in animals.draft().labels() if "train/dog/001#" in s).partition("#")[2]
    stone = stone._replace(digest=digest, labels={"class": {times: "dog"}})
    write_text(animals.root / WITHDRAWN, tombstones_table([stone]).text())
    assert remove_from_dataset(animals, ["train/dog/001"]).splits == ()
    assert len(animals.draft().split("official").withdrawn) == 1
    assert animals.save(None, "without it again").n_recordings == 14
