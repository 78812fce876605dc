"""Labels and boxes after edits: clipped to what is left, with errata, never corrected twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.curation.edits.edit import Edit, Kind
from catalog.curation.edits.on_labels import Left, correct_labels, trimmed_boxes
from catalog.labels.boxes import Boxes
from catalog.labels.intervals import Label
from eventstore.errors import Conflict


def trim(start: int, stop: int, number: int = 1) -> Edit:
    return Edit(
        kind=Kind.TRIM,
        recording_id="a",
        digest="",
        reason="bump",
        parameters={"from_us": start, "to_us": stop},
        number=number,
    )


def relabel(start: int, stop: int, was: str, label: str, number: int = 2) -> Edit:
    given = {"set": "class", "from_us": start, "to_us": stop, "was": was, "label": label}
    return Edit(
        kind=Kind.RELABEL,
        recording_id="a",
        digest="",
        reason="barks",
        parameters=given,
        number=number,
    )


def by_id(*labels: Label) -> dict[str, Label]:
    return {label.sample_id: label for label in labels}


def test_labels_are_clipped_removed_or_left_alone() -> None:
    labels = by_id(
        Label("a", 0, 100, "cat", annotator="ann"),
        Label("a", 30, 40, "dog"),
        Label("a", 0, 10, "owl"),
        Label("b", 0, 100, "cat"),
    )
    left = {"a": Left((trim(20, 90),), 85)}
    done = correct_labels("class", labels, [], relabels=[], left=left)
    assert list(done.labels) == ["a#30-40", "b#0-100", "a#20-85"]
    assert done.labels["a#20-85"].annotator == "ann"
    assert [(p.action, p.reason) for p in done.patches] == [
        ("moved", "edit 1: clipped to what was kept: bump"),
        ("removed", "edit 1: clipped to what was kept: bump"),
    ]


def test_relabels_come_before_clips_and_only_in_their_set() -> None:
    labels = by_id(Label("a", 0, 100, "cat"))
    left = {"a": Left((trim(0, 50),), 50)}
    change = relabel(0, 100, "cat", "dog")
    done = correct_labels("class", labels, [], relabels=[change], left=left)
    assert [label.label for label in done.labels.values()] == ["dog"]
    assert [p.reason for p in done.patches] == [
        "edit 2: barks",
        "edit 1: clipped to what was kept: bump",
    ]
    other = correct_labels("sounds", labels, [], relabels=[change], left={})
    assert other == (labels, ())


def test_two_labels_that_become_one() -> None:
    same = by_id(Label("a", 0, 100, "cat"), Label("a", 20, 90, "cat"))
    left = {"a": Left((trim(20, 90),), 90)}
    done = correct_labels("class", same, [], relabels=[], left=left)
    assert list(done.labels) == ["a#20-90"]
    other = by_id(Label("a", 0, 100, "cat"), Label("a", 20, 90, "dog"))
    with pytest.raises(Conflict, match="'cat' would become a#20-90, which is 'dog'"):
        correct_labels("class", other, [], relabels=[], left=left)


def test_an_interval_that_is_another_by_now_is_refused() -> None:
    with pytest.raises(Conflict, match="edit 2 does not fit any more"):
        correct_labels("class", {}, [], relabels=[relabel(0, 100, "cat", "dog")], left={})


INTERVALS = st.dictionaries(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ab: (min(ab), max(ab))),
    st.just("cat"),
    max_size=8,
)


@given(INTERVALS, st.integers(0, 50), st.integers(1, 30), st.integers(0, 60))
def test_killed_anywhere_and_done_again_it_is_the_same(
    intervals: dict[tuple[int, int], str], start: int, length: int, stop: int
) -> None:
    labels = by_id(*(Label("a", a, b, label) for (a, b), label in intervals.items()))
    relabels = [
        relabel(a, b, label, "dog", number=k)
        for k, ((a, b), label) in enumerate(intervals.items(), start=2)
    ]
    left = {"a": Left((trim(start, start + length),), stop)}
    done = correct_labels("class", labels, [], relabels=relabels, left=left)
    window = left["a"].window
    assert all(
        window.start <= x.t_start_us <= x.t_stop_us <= window.stop for x in done.labels.values()
    )
    errata = [replace(p, number=n) for n, p in enumerate(done.patches, start=1)]
    # both files written, or the errata alone
    assert correct_labels("class", done.labels, errata, relabels=relabels, left=left) == (
        done.labels,
        (),
    )
    assert correct_labels("class", labels, errata, relabels=relabels, left=left) == (
        done.labels,
        (),
    )


@given(st.lists(st.integers(0, 99), max_size=9), st.integers(0, 90), st.integers(1, 50))
def test_boxes_outside_go(times: list[int], start: int, length: int) -> None:
    boxes = Boxes.of(
        recording_id=[*["a"] * len(times), "b"], t=[*times, 5], x=0, y=0, w=1, h=1, label="cat"
    )
    left = {"a": Left((trim(start, start + length),), 1_000)}
    kept = trimmed_boxes(boxes, left)
    assert kept.of_recording("a").t.tolist() == sorted(
        t for t in times if start <= t < start + length
    )
    assert len(kept.of_recording("b")) == 1
    mask = Edit(
        kind=Kind.MASK, recording_id="a", digest="", reason="x", parameters={"pixels": [[0, 0]]}
    )
    assert len(trimmed_boxes(boxes, {"a": Left((mask,), 1)})) == len(boxes)
    assert np.array_equal(trimmed_boxes(boxes, {}).t, boxes.t)
