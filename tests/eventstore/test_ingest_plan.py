"""Plans of an ingest: everything is in them once, in order, and no more is skipped than planned."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstore.ingest_plan
from eventstore.digest import NO_DIGEST
from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.ingest_plan import (
    SURVEY_BYTES,
    SURVEY_ITEMS,
    TASK_EVENTS,
    Failure,
    Group,
    plan_groups,
    plan_pieces,
    plan_surveys,
)
from eventstore.ingest_tasks import Failed, Outcome, Skipped, Surveyed
from eventstore.readers import SourceItem
from eventstore.recordings import RecordingRow


def item(name: str, n_bytes: int = 0) -> SourceItem:
    return SourceItem(
        recording_id=name,
        label=None,
        fold=None,
        name=name,
        source=name,
        path=Path(name),
        n_bytes=n_bytes,
    )


def surveyed(name: str, n_events: int, *, side: bool = False) -> Surveyed:
    row = RecordingRow(
        recording_id=name,
        start=0,
        n_events=n_events,
        t_origin_us=0,
        t_stop=n_events,
        sensor=Sensor(4, 4),
        digest=bytes(32),
        side_digest=NO_DIGEST,
        source_sha256=bytes(32),
    )
    return Surveyed(row=row, provenance={}, findings=(), stamp=(0, 0, 0), has_side=side)


@given(st.lists(st.integers(0, 2 * SURVEY_BYTES), max_size=40))
def test_surveys_hold_every_recording_once(sizes: list[int]) -> None:
    items = [item(str(k), size) for k, size in enumerate(sizes)]
    batches = list(plan_surveys(items))
    assert [one for batch in batches for one in batch] == items
    for batch in batches:
        assert len(batch) == 1 or sum(one.n_bytes for one in batch) <= SURVEY_BYTES


def test_no_survey_is_of_too_many() -> None:
    batches = list(plan_surveys([item(str(k)) for k in range(SURVEY_ITEMS + 1)]))
    assert [len(batch) for batch in batches] == [SURVEY_ITEMS, 1]


@given(st.integers(0, 300 * TASK_EVENTS))
def test_pieces_cover_a_recording_and_waste_little(n_events: int) -> None:
    ends = plan_pieces(n_events)
    starts = [0, *ends[:-1]]
    assert (ends or [0])[-1] == n_events
    assert all(a < b for a, b in zip(starts, ends, strict=False))
    for start, end in zip(starts, ends, strict=False):
        assert start <= 12 * (end - start) + TASK_EVENTS  # decoded only to get there
    assert sum(ends) <= 6 * n_events + TASK_EVENTS


outcomes = st.lists(st.integers(0, 60) | st.just("side") | st.just("skipped"), max_size=30)


@given(outcomes, st.booleans())
def test_groups_hold_every_event_once_and_in_order(kinds: list[int | str], fails: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eventstore.ingest_plan, "TASK_EVENTS", 20)
        found: list[tuple[SourceItem, Outcome]] = []
        for k, kind in enumerate(kinds):
            outcome: Outcome = Skipped()
            if kind != "skipped":
                n = kind if isinstance(kind, int) else 7
                outcome = surveyed(str(k), n, side=kind == "side")
            found.append((item(str(k)), outcome))
        if fails:
            found.append((item("bad"), Failed(InvalidInput("bad"))))
            found.append((item("behind"), surveyed("behind", 3)))
        steps = list(plan_groups(found))
    groups = [step for step in steps if isinstance(step, Group)]
    members = [one.row.recording_id for group in groups for _, one in group.members]
    assert members == [str(k) for k, kind in enumerate(kinds) if kind != "skipped"]
    assert sum(group.n_skipped for group in groups) == kinds.count("skipped")
    assert [type(step) for step in steps[len(groups) :]] == [Failure] * fails
    for group in groups:
        assert group.members or group.n_skipped
        alone = [one for _, one in group.members if one.has_side or one.row.n_events > 20]
        assert not alone or len(group.members) == 1
        spans = [(s.item.recording_id, s.start, s.stop) for piece in group.pieces for s in piece]
        events = [(name, k) for name, start, stop in spans for k in range(start, stop)]
        expected = [
            (one.row.recording_id, k) for _, one in group.members for k in range(one.row.n_events)
        ]
        assert events == expected
