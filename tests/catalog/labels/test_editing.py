"""Corrections: applied where they fit, recorded with reason, author and date."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.labels.editing import (
    EditPlan,
    edit_labels,
    labels_tag,
    parse_sample,
    plan_change,
    plan_edit,
    plan_removal_of,
)
from catalog.labels.errata import Patch, Span
from catalog.text_files import write_text
from catalog.tree import WorkTree
from eventstore.errors import Conflict, InvalidInput, NotFound
from eventstore.lock import WriterLock

NAME = "train/cat/000"


def cut(dataset: Dataset, **changes: object) -> Patch:
    """Return the patch that ends the cat of a recording at 500 µs."""
    sample = next(s for s, x in dataset.draft().labels().items() if x.recording_id == NAME)
    asked: dict[str, object] = {"reason": "runs away", "stop_us": 500, **changes}
    return plan_change(WorkTree(dataset.root), sample, **asked)  # type: ignore[arg-type]


def edit(dataset: Dataset, *patches: Patch) -> EditPlan:
    return edit_labels(dataset, patches, author="Ann <ann@example.org>")


def of_recording(dataset: Dataset) -> list[tuple[int, int, str]]:
    return [x[1:4] for x in dataset.draft().labels().values() if x.recording_id == NAME]


def test_an_edit_changes_one_row_and_says_why(animals: Dataset) -> None:
    before = (animals.root / "labels/class.tsv").read_text().splitlines()
    plan = edit(animals, cut(animals))
    after = (animals.root / "labels/class.tsv").read_text().splitlines()
    assert [line for line in after if line not in before] == [f"{NAME}\t0\t500\tcat"]
    assert len(after) == len(before)
    (patch,) = animals.draft().errata()
    assert plan.new == (patch,)
    assert (patch.number, patch.action, patch.reason) == (1, "moved", "runs away")
    assert patch.author == "Ann <ann@example.org>"
    assert patch.date.endswith("+00:00")


def test_a_frozen_split_that_lists_it_is_told(animals: Dataset) -> None:
    (finding,) = edit(animals, cut(animals)).findings
    assert finding.where == "splits/official"
    assert "which is now another sample" in finding.message
    assert "git -C" in finding.fix


def test_edits_follow_each_other_and_the_errata_only_grow(animals: Dataset) -> None:
    edit(animals, cut(animals))
    first = (animals.root / "labels/errata/class.tsv").read_text()
    tree = WorkTree(animals.root)
    edit(animals, plan_change(tree, f"{NAME}#0-500", reason="it barks", label="dog", start_us=5))
    edit(animals, Patch(recording_id=NAME, before=None, after=Span(600, 700, "cat"), reason="back"))
    edit(animals, plan_removal_of(tree, f"{NAME}#5-500", reason="neither"))
    assert of_recording(animals) == [(600, 700, "cat")]
    errata = animals.draft().errata()
    assert [p.action for p in errata] == ["moved", "changed", "added", "removed"]
    assert [p.number for p in errata] == [1, 2, 3, 4]
    assert (animals.root / "labels/errata/class.tsv").read_text().startswith(first)
    assert not [f for f in animals.verify("draft") if f.check == "errata"]


def test_a_stale_edit_is_refused_and_changes_nothing(animals: Dataset) -> None:
    patch = cut(animals)
    edit(animals, patch)
    kept = (animals.root / "labels/class.tsv").read_text()
    for stale in (patch, cut(animals, stop_us=400, was="dog")):
        with pytest.raises(Conflict):
            edit(animals, stale)
    with pytest.raises(Conflict, match=r"#1-2 is not there \(nearest of train/cat/000: 0-500 'ca"):
        edit(animals, plan_removal_of(WorkTree(animals.root), f"{NAME}#1-2", reason="gone"))
    assert (animals.root / "labels/class.tsv").read_text() == kept
    assert len(animals.draft().errata()) == 1


def test_one_patch_that_does_not_fit_keeps_all_from_being_applied(animals: Dataset) -> None:
    patches: Sequence[Patch] = (cut(animals), cut(animals, stop_us=400))
    with pytest.raises(Conflict):
        edit(animals, *patches)
    assert animals.draft().errata() == []


def test_killed_between_its_files_the_same_edit_comes_to_its_end(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = cut(animals)

    def killed(path: Path, text: str) -> None:
        if path.parent.name == "labels":
            raise KeyboardInterrupt
        write_text(path, text)

    monkeypatch.setattr("catalog.labels.writing.write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        edit(animals, patch)
    monkeypatch.undo()
    assert len(of_recording(animals)) == 1
    assert [f.check for f in animals.verify("draft")] == ["errata"]
    recorded = animals.draft().errata()
    plan = edit(animals, patch)
    assert plan.new == tuple(recorded)
    assert animals.draft().errata() == recorded
    assert of_recording(animals) == [(0, 500, "cat")]


def test_what_an_edit_makes_odd_is_told(animals: Dataset) -> None:
    added = Patch(recording_id=NAME, before=None, after=Span(10, 20, "dog"), reason="a bark")
    (finding,) = edit(animals, added).findings
    assert finding.check == "label-overlap"
    far = Patch(recording_id=NAME, before=None, after=Span(5000, 6000, "dog"), reason="a bark")
    (finding,) = edit(animals, far).findings
    assert finding.check == "outside-recording"


def test_a_plan_writes_nothing(animals: Dataset) -> None:
    plan = plan_edit(WorkTree(animals.root), [cut(animals)], author="Ann")
    assert plan.new[0].number == 1
    assert animals.draft().errata() == []


def test_unknown_sets_recordings_and_samples_are_refused(animals: Dataset) -> None:
    tree = WorkTree(animals.root)
    patch = Patch(recording_id="nobody", before=None, after=Span(0, 1, "cat"), reason="x")
    with pytest.raises(NotFound, match="no recording 'nobody'"):
        plan_edit(tree, [patch], author="Ann")
    with pytest.raises(NotFound, match="no label set 'klass'"):
        plan_edit(tree, [cut(animals)], author="Ann", label_set="klass")
    for text in ("a", "a#5", "#5-6", "a#x-6", "a#-5-6"):
        with pytest.raises(InvalidInput, match="is no sample"):
            parse_sample(text)
    with pytest.raises(InvalidInput, match="nothing changes"):
        cut(animals, stop_us=None)


def test_a_writer_at_work_is_not_disturbed(animals: Dataset) -> None:
    lock = WriterLock(animals.root / "events.zarr")
    try:
        with pytest.raises(Conflict):
            edit(animals, cut(animals))
    finally:
        lock.release()


def test_a_set_that_is_not_as_expected_is_left_as_it_is(animals: Dataset) -> None:
    tag = labels_tag(animals.draft().tree, "class")
    edit_labels(animals, [cut(animals)], author="Ann", expected=tag)
    text = (animals.root / "labels/class.tsv").read_text()
    assert labels_tag(animals.draft().tree, "class") != tag
    with pytest.raises(Conflict, match="the labels of 'class' were changed meanwhile"):
        edit_labels(animals, [cut(animals, stop_us=400)], author="Ben", expected=tag)
    assert (animals.root / "labels/class.tsv").read_text() == text
    assert len(animals.draft().errata()) == 1
