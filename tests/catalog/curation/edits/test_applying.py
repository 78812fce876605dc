"""Accepted edits are carried out once, all of them, whatever happens in between."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.curation.edits import applying
from catalog.curation.edits.applying import ApplyReport, apply_edits
from catalog.curation.edits.edit import Edit, Status
from catalog.curation.edits.log import read_log
from catalog.curation.edits.proposing import (
    plan_drop,
    plan_masks,
    plan_relabel,
    plan_trim,
    propose,
)
from catalog.curation.edits.reviewing import review
from catalog.dataset import Dataset
from catalog.labels.boxes import Boxes
from catalog.splits.rules import OfficialRule
from catalog.text_files import write_text
from eventstore.errors import Conflict

ONE, TWO, GONE = "train/cat/000", "train/dog/001", "test/owl/002"

Accept = Callable[..., list[int]]


def apply(dataset: Dataset) -> ApplyReport:
    return apply_edits(dataset, author="Bo", drop_splits=True)


def accept_some(animals: Dataset, accept: Accept) -> list[int]:
    draft = animals.draft()
    sample = next(s for s in draft.labels() if s.startswith(ONE))
    events = draft.store.read(TWO)
    pixel = (int(events.x[-1]), int(events.y[-1]))
    return accept(
        plan_trim(draft, ONE, from_us=100, to_us=800, reason="bump"),
        *plan_masks(draft, [TWO], (pixel,), reason="stuck"),
        plan_relabel(draft, sample, "dog", reason="barks"),
        plan_drop(draft, GONE, reason="cap on"),
    )


def state(dataset: Dataset) -> dict[str, str]:
    """Return all text but dates and authors' times, and what the store holds."""
    draft = dataset.draft()
    texts = {
        p: draft.tree.text(p) for p in ("recordings.tsv", "statistics.tsv", "labels/class.tsv")
    }
    patches = [(p.before, p.after, p.reason) for p in draft.errata()]
    log = read_log(draft.tree)
    status = [(n, log.status(n), log.last[n].digest) for n in log.edits]
    return {**texts, "errata": repr(patches), "log": repr(status), "store": draft.store.digest}


def test_the_store_and_all_beside_it_agree(animals: Dataset, accept: Accept) -> None:
    before = {name: animals.draft().store.read(name) for name in (ONE, TWO)}
    unchanged = animals.draft().recordings.rows[0]
    numbers = accept_some(animals, accept)
    report = apply(animals)
    assert report.edits == tuple(numbers)
    assert (report.changed, report.dropped, report.splits) == ((ONE, TWO), (GONE,), ("official",))
    draft = animals.draft()
    left = before[ONE][(before[ONE].t >= 100) & (before[ONE].t < 800)]
    assert draft.store.read(ONE).equals(left)
    assert GONE not in draft.store.recordings
    n_gone = len(before[ONE]) - len(left) + len(before[TWO]) - len(draft.store.read(TWO))
    assert report.n_gone == n_gone
    [label] = [x for x in draft.labels().values() if x.recording_id == ONE]
    assert label[:4] == (ONE, 100, int(left.t[-1]) + 1, "dog")
    assert unchanged in draft.recordings.rows
    assert animals.verify() == []
    log = read_log(draft.tree)
    assert {log.status(n) for n in numbers} == {Status.APPLIED}
    assert log.last[numbers[-1]].digest == ""
    row = draft.store.recordings.row(ONE)
    assert log.last[numbers[0]].digest == draft.store.recordings.digests[row].hex()
    assert apply(animals).edits == ()


def test_the_next_version_is_saved_and_old_ones_open(animals: Dataset, accept: Accept) -> None:
    old = animals.at("1.0.0").split("official").digest
    accept_some(animals, accept)
    apply(animals)
    animals.make_split("official-2", OfficialRule())
    assert animals.save(None, "edited").version == "2.0.0"
    assert animals.verify() == []
    assert animals.at("1.0.0").split("official").digest == old
    assert read_log(animals.at("2.0.0").tree).edits.keys() == {1, 2, 3, 4}


def test_a_dry_run_says_the_same_and_changes_nothing(animals: Dataset, accept: Accept) -> None:
    accept_some(animals, accept)
    animals.write_boxes(
        Boxes.of(recording_id=ONE, t=[5, 200], x=0, y=0, w=1, h=1, label="cat"), "cats"
    )
    before = state(animals)
    plan = apply_edits(animals, author="Bo", drop_splits=True, dry_run=True)
    assert state(animals) == before
    assert plan.n_boxes == 1
    assert apply(animals) == plan
    assert animals.draft().boxes("cats").t.tolist() == [200]


def test_without_leave_a_frozen_split_stays(animals: Dataset, accept: Accept) -> None:
    accept_some(animals, accept)
    before = state(animals)
    with pytest.raises(Conflict, match="frozen splits"):
        apply_edits(animals, author="Bo")
    assert state(animals) == before
    assert animals.draft().splits == ["official"]


STEPS = (
    (applying, "edit_recordings"),
    (applying, "drop_split_files"),
    (applying, "write_corrected"),
    (applying, "tables_without"),
    (applying, "measure_store"),
    (applying, "write_text"),
    (applying, "append_applied"),
)


def files(dataset: Dataset) -> list[str]:
    """Return all there is but git's own, and locks, which outlive who is killed."""
    paths = (path.relative_to(dataset.root) for path in dataset.root.rglob("*"))
    return sorted(str(p) for p in paths if p.parts[0] != ".git" and p.suffix != ".lock")


def edit_undisturbed(dataset: Dataset) -> None:
    def accept(*edits: Edit) -> list[int]:
        numbers = [edit.number for edit in propose(dataset, edits, author="Ann")]
        review(dataset, numbers, accept=True, author="Bo")
        return numbers

    accept_some(dataset, accept)
    apply(dataset)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_killed_at_any_step_it_comes_to_the_same_end(
    animals: Dataset,
    accept: Accept,
    changed_template: Callable[[Callable[[Dataset], object]], Path],
    monkeypatch: pytest.MonkeyPatch,
    *,
    step: tuple[object, str],
    after: bool,
) -> None:
    accept_some(animals, accept)
    where, name = step
    work = getattr(where, name)

    def die(*arguments: object, **named: object) -> None:
        if after:
            work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(where, name, die)
        try:
            apply(animals)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert read_log(animals.draft().tree).status(1) in {Status.ACCEPTED, Status.APPLIED}
    apply(animals)
    assert animals.verify() == []
    # Another test saves this end as a version.
    whole = Dataset.open(changed_template(edit_undisturbed))
    assert state(animals) == state(whole)
    assert files(animals) == files(whole)
    patches = animals.draft().errata()
    assert [p.reason.partition(":")[0] for p in patches] == ["edit 3", "edit 2", "edit 1"]
    assert [p.number for p in patches] == [1, 2, 3]
    log = read_log(animals.draft().tree)
    assert [a.action for a in log.actions].count("applied") == 4


def test_killed_between_errata_and_labels(
    animals: Dataset, accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept_some(animals, accept)

    def die(path: Path, text: str) -> None:
        if path.parent.name == "labels":
            raise KeyboardInterrupt
        write_text(path, text)

    with monkeypatch.context() as patch:
        patch.setattr("catalog.labels.writing.write_text", die)
        with pytest.raises(KeyboardInterrupt):
            apply(animals)
    assert len(animals.draft().errata()) == 3
    apply(animals)
    assert len(animals.draft().errata()) == 3
    assert animals.verify() == []
