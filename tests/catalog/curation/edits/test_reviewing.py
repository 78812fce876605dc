"""Edits are decided on; of another state of a recording they can only be rejected."""

import pytest

from catalog.curation.edits.edit import Status
from catalog.curation.edits.log import read_log
from catalog.curation.edits.proposing import plan_drop, plan_note, propose
from catalog.curation.edits.reviewing import review
from catalog.dataset import Dataset
from catalog.tree import RECORDINGS
from eventstore.errors import Conflict, InvalidInput, NotFound

ONE, TWO = "train/cat/000", "test/owl/002"


def proposed(dataset: Dataset, *names: str) -> list[int]:
    edits = [plan_drop(dataset.draft(), name, reason="cap on") for name in names]
    return [edit.number for edit in propose(dataset, edits, author="Ann")]


def status(dataset: Dataset, number: int) -> Status:
    return read_log(dataset.draft().tree).status(number)


def test_a_decision_may_be_changed_until_it_is_applied(animals: Dataset) -> None:
    [number] = proposed(animals, ONE)
    assert len(review(animals, [number], accept=True, author="Bo")) == 1
    assert review(animals, [number, number], accept=True, author="Bo") == []
    assert len(review(animals, [number], accept=False, author="Bo", reason="no")) == 1
    assert status(animals, number) is Status.REJECTED
    last = read_log(animals.draft().tree).last[number]
    assert (last.author, last.reason) == ("Bo", "no")


def test_all_or_none_are_decided(animals: Dataset) -> None:
    numbers = proposed(animals, ONE, TWO)
    with pytest.raises(NotFound, match="no edit 9"):
        review(animals, [*numbers, 9], accept=True, author="Bo")
    assert {status(animals, n) for n in numbers} == {Status.OPEN}


def test_notes_and_nothing_are_refused(animals: Dataset) -> None:
    [note] = propose(animals, [plan_note(animals.draft(), ONE, "look")], author="Ann")
    with pytest.raises(InvalidInput, match="is a note"):
        review(animals, [note.number], accept=True, author="Bo")
    with pytest.raises(InvalidInput, match="no edit is named"):
        review(animals, [], accept=True, author="Bo")


def test_an_edit_of_another_state_is_stale(animals: Dataset) -> None:
    [number] = proposed(animals, ONE)
    digest = read_log(animals.draft().tree).edit(number).digest
    table = animals.root / RECORDINGS
    table.write_text(table.read_text().replace(digest, digest[::-1]))
    with pytest.raises(
        Conflict, match=rf"for {ONE} of digest {digest[:12]}…, which is {digest[::-1][:12]}… now"
    ):
        review(animals, [number], accept=True, author="Bo")
    assert len(review(animals, [number], accept=False, author="Bo")) == 1
