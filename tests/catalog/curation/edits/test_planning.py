"""What applying would do, and what is refused before anything is done."""

from collections.abc import Callable

import pytest

from catalog.curation.edits.edit import Edit
from catalog.curation.edits.planning import plan_apply
from catalog.curation.edits.proposing import plan_drop, plan_relabel, plan_trim
from catalog.dataset import Dataset
from catalog.tree import STORE
from eventstore.changing import Change
from eventstore.errors import Conflict
from eventstore.rewrite import edit_recordings

ONE, TWO = "train/cat/000", "test/owl/002"

Accept = Callable[..., list[int]]


def test_nothing_accepted_is_nothing_to_do(animals: Dataset) -> None:
    plan = plan_apply(animals)
    assert (plan.edits, plan.changed, plan.splits) == ((), {}, ())


def test_a_plan_says_what_is_left(animals: Dataset, accept: Accept) -> None:
    draft = animals.draft()
    accept(plan_trim(draft, ONE, to_us=500, reason="bump"), plan_drop(draft, TWO, reason="cap"))
    plan = plan_apply(animals, drop_splits=True)
    events = draft.store.read(ONE)
    n = int((events.t < 500).sum())
    assert plan.effects[ONE] == (n, len(events) - n, int(events.t[n - 1]) + 1)
    assert (plan.dropped, plan.splits) == ((TWO,), ("official",))
    assert plan.left()[ONE].t_stop == plan.effects[ONE].t_stop


def relabel_of(animals: Dataset) -> Edit:
    sample = next(s for s in animals.draft().labels() if s.startswith(ONE))
    return plan_relabel(animals.draft(), sample, "dog", reason="barks")


def drop_of(animals: Dataset) -> Edit:
    return plan_drop(animals.draft(), ONE, reason="cap")


@pytest.mark.parametrize("made", [relabel_of, drop_of])
def test_a_frozen_split_that_lists_it_stands_in_the_way(
    animals: Dataset, accept: Accept, made: Callable[[Dataset], Edit]
) -> None:
    accept(made(animals))
    with pytest.raises(Conflict, match=r"1 frozen splits .* list what would change: 'official'"):
        plan_apply(animals)


def test_a_recording_that_was_changed_meanwhile_is_refused(
    animals: Dataset, accept: Accept
) -> None:
    accept(plan_trim(animals.draft(), ONE, to_us=500, reason="bump"))
    with animals.draft().store as store:
        digest = store.recordings.digests[store.recordings.row(ONE)]
    change = Change(digest=digest, events=lambda packet: packet[packet.t > 200])
    edit_recordings(animals.root / STORE, {ONE: change})
    with pytest.raises(Conflict, match=r"edit 1 .trim. was proposed for train/cat/000") as caught:
        plan_apply(animals, drop_splits=True)
    assert f"edit review {animals.root} 1 --reject" in caught.value.hint


def test_a_recording_that_is_gone_is_refused(animals: Dataset, accept: Accept) -> None:
    accept(plan_trim(animals.draft(), ONE, to_us=500, reason="bump"))
    edit_recordings(animals.root / STORE, {ONE: None})
    with pytest.raises(Conflict, match="which is not there any more"):
        plan_apply(animals, drop_splits=True)


def test_an_edit_accepted_between_a_kill_and_the_next_run_is_refused(
    animals: Dataset, accept: Accept
) -> None:
    from catalog.curation.edits.effects import change_of

    draft = animals.draft()
    [first] = accept(plan_trim(draft, ONE, to_us=500, reason="bump"))
    plan = plan_apply(animals, drop_splits=True)
    with animals.draft().store as store:
        change = change_of(store, store.recordings.row(ONE), plan.changed[ONE])
    late = plan_trim(draft, ONE, to_us=400, reason="bump")
    accept(late)
    edit_recordings(animals.root / STORE, {ONE: change})
    with pytest.raises(Conflict, match=f"edit {first + 1} .* was proposed for"):
        plan_apply(animals, drop_splits=True)
