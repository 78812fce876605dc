"""Edits are checked when they are proposed, and say exactly what they will do."""

import numpy as np
import pytest

from catalog.curation.edits.edit import Edit, Kind
from catalog.curation.edits.log import read_log
from catalog.curation.edits.proposing import (
    plan_drop,
    plan_masks,
    plan_note,
    plan_relabel,
    plan_trim,
    propose,
)
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.errors import AlreadyExists, InvalidInput, NotFound
from eventstore.events import Events, Sensor

ONE = "train/cat/000"


def test_a_trim_is_for_the_recording_as_it_is(animals: Dataset) -> None:
    draft = animals.draft()
    row = dict(zip(draft.recordings.columns, draft.recordings.rows[-9], strict=True))
    edit = plan_trim(draft, row["recording_id"], from_us=100, reason="bump")
    assert edit.digest == row["digest"]
    assert edit.parameters == {"from_us": 100, "to_us": int(row["t_stop_us"])}


@pytest.mark.parametrize(
    ("start", "stop", "said"),
    [
        (None, None, "is all of train/cat/000: nothing would change"),
        (None, 10**9, "is all of"),
        (500, 400, "500-400 µs is no part of"),
        (2_000, None, "is no part of train/cat/000, which ends at"),
        (0, 1, "has no event in 0-1 µs"),
    ],
)
def test_trims_that_keep_all_or_nothing_are_refused(
    animals: Dataset, start: int | None, stop: int | None, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan_trim(animals.draft(), ONE, from_us=start, to_us=stop, reason="why")


def test_masks_name_the_pixels_that_have_events(animals: Dataset) -> None:
    draft = animals.draft()
    events = draft.store.read(ONE)
    pixel = (int(events.x[0]), int(events.y[0]))
    edits = plan_masks(draft, None, (pixel, pixel), reason="stuck")
    with_events = [
        name
        for name in draft.store.recordings.ids
        if ((draft.store.read(name).x == pixel[0]) & (draft.store.read(name).y == pixel[1])).any()
    ]
    assert sorted(edit.recording_id for edit in edits) == sorted(with_events)
    assert all(edit.pixels == [pixel] for edit in edits)
    with pytest.raises(InvalidInput, match="pixel 8,0 lies off the sensor of 8×6"):
        plan_masks(draft, [ONE], ((8, 0),), reason="stuck")
    used = set(zip(events.x.tolist(), events.y.tolist(), strict=True))
    free = next((x, y) for x in range(8) for y in range(6) if (x, y) not in used)
    with pytest.raises(InvalidInput, match=f"^{ONE} has no events at these pixels"):
        plan_masks(draft, [ONE], (free,), reason="stuck")


def test_hot_pixels_are_found_when_the_mask_is_proposed(empty: Dataset) -> None:
    t = np.arange(0, 1_000_000, 1_000)
    stuck = Events.of(t=t, x=np.full(1_000, 5), y=np.full(1_000, 4), p=np.arange(1_000) % 2)
    cool = Events.of(t=t[:40], x=np.arange(40) % 8, y=np.arange(40) // 8)
    with StoreWriter.create(empty.root / "events.zarr", Sensor(8, 6)) as writer:
        writer.append("walk", [stuck])
        writer.append("run", [cool])
    describe_intake(WorkTree(empty.root), Intake([], {}, {}))
    [edit] = plan_masks(empty.draft(), None, None, reason="hot")
    assert (edit.recording_id, edit.pixels) == ("walk", [(5, 4)])
    with pytest.raises(InvalidInput, match="run has no hot pixels"):
        plan_masks(empty.draft(), ["run"], None, reason="hot")


def test_a_relabel_is_of_an_interval_that_is_there(animals: Dataset) -> None:
    draft = animals.draft()
    sample = next(s for s in draft.labels() if s.startswith(ONE))
    edit = plan_relabel(draft, sample, "dog", reason="barks")
    assert (edit.parameters["was"], edit.parameters["label"]) == ("cat", "dog")
    with pytest.raises(InvalidInput, match="is 'cat' already"):
        plan_relabel(draft, sample, "cat", reason="why")
    with pytest.raises(NotFound, match=f"no interval of 'class' '{ONE}#0-7'"):
        plan_relabel(draft, f"{ONE}#0-7", "dog", reason="why")
    with pytest.raises(NotFound, match="no label set"):
        plan_relabel(draft, sample, "dog", reason="why", label_set="sounds")


def test_recordings_that_are_not_there_are_refused(animals: Dataset) -> None:
    draft = animals.draft()
    with pytest.raises(NotFound, match="no recording 'x'"):
        plan_drop(draft, "x", reason="why")
    with pytest.raises(NotFound, match="no recording 'x'"):
        plan_masks(draft, ["x"], None, reason="why")
    with pytest.raises(NotFound, match="no recording 'x'"):
        plan_note(draft, "x#1-2", "look")


def test_a_note_may_be_about_a_part(animals: Dataset) -> None:
    draft = animals.draft()
    assert plan_note(draft, f"{ONE}#3-9", "look").parameters == {"from_us": 3, "to_us": 9}
    assert plan_note(draft, ONE, "look").parameters == {}


def test_what_is_proposed_already_is_not_proposed_again(animals: Dataset) -> None:
    drop = plan_drop(animals.draft(), ONE, reason="cap on")
    [first] = propose(animals, [drop], author="Ann")
    other = plan_drop(animals.draft(), "test/cat/000", reason="cap on")
    with pytest.raises(AlreadyExists, match="as edit 1") as caught:
        propose(animals, [drop], author="Bo")
    assert f"edit review {animals.root} 1 --accept" in caught.value.hint
    [second] = propose(animals, [drop, other], author="Bo")
    log = read_log(animals.draft().tree)
    assert (first.number, second.number, len(log.edits)) == (1, 2, 2)
    assert isinstance(log.edit(2), Edit)
    assert log.edit(2).kind is Kind.DROP
