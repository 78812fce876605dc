"""What differs between two states of labels, with the reasons that errata give."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.boxes import Boxes
from catalog.labels.changes import LabelChange, box_changes, label_changes
from catalog.labels.errata import Patch, Span, apply_patches
from catalog.labels.intervals import Label

LABELS = st.builds(
    lambda name, start, length, label: Label(name, start, start + length, label),
    st.sampled_from("ab"),
    st.integers(0, 30),
    st.integers(0, 10),
    st.sampled_from("xyz"),
)


def by_sample(*labels: Label) -> dict[str, Label]:
    return {label.sample_id: label for label in labels}


def told(changes: list[LabelChange]) -> list[tuple[str, str, str]]:
    return [(x.action, str(x.before or "–"), str(x.after or "–")) for x in changes]


def test_words_for_what_became_of_intervals() -> None:
    before = by_sample(
        Label("a", 0, 10, "x"),
        Label("a", 20, 30, "x"),
        Label("a", 40, 50, "x"),
        Label("b", 0, 5, "x"),
    )
    after = by_sample(
        Label("a", 2, 12, "x"),
        Label("a", 20, 30, "y"),
        Label("a", 41, 50, "z"),
        Label("b", 90, 95, "x"),
    )
    assert told(label_changes(before, after)) == [
        ("moved", "0-10 'x'", "2-12 'x'"),
        ("relabelled", "20-30 'x'", "20-30 'y'"),
        ("changed", "40-50 'x'", "41-50 'z'"),
        ("removed", "0-5 'x'", "–"),
        ("added", "–", "90-95 'x'"),
    ]


def test_the_best_partner_is_of_the_same_label_and_overlaps_most() -> None:
    before = by_sample(Label("a", 0, 100, "x"))
    after = by_sample(Label("a", 0, 99, "y"), Label("a", 90, 110, "x"), Label("a", 50, 120, "x"))
    assert told(label_changes(before, after)) == [
        ("added", "–", "0-99 'y'"),
        ("moved", "0-100 'x'", "50-120 'x'"),
        ("added", "–", "90-110 'x'"),
    ]


def test_errata_say_what_became_of_an_interval_and_why_even_far_away() -> None:
    first = Label("a", 0, 10, "x")
    spans = [Span.of(first), Span(500, 510, "x"), Span(500, 510, "y")]
    patches = [
        Patch(
            recording_id="a", before=a, after=b, reason=f"since {b.label}", author="Ann", number=n
        )
        for n, (a, b) in enumerate(pairwise(spans), start=1)
    ]
    before = by_sample(first)
    (change,) = label_changes(before, apply_patches(before, patches), patches)
    assert (change.action, change.reasons, change.authors) == (
        "changed",
        ("since x", "since y"),
        ("Ann",),
    )
    assert change.to_dict()["to_t_start_us"] == 500
    undone = [*patches, Patch(recording_id="a", before=spans[2], after=spans[0], reason="no")]
    assert label_changes(before, apply_patches(before, undone), undone) == []


def test_added_and_removed_have_their_reasons() -> None:
    label = Label("a", 0, 10, "x")
    removed = Patch(recording_id="a", before=Span.of(label), after=None, reason="none there")
    added = Patch(recording_id="a", before=None, after=Span(5, 8, "x"), reason="missed")
    before = by_sample(label)
    patches = [removed, added]
    changes = label_changes(before, apply_patches(before, patches), patches)
    assert [(x.action, x.reasons) for x in changes] == [
        ("removed", ("none there",)),
        ("added", ("missed",)),
    ]


def test_errata_that_tell_of_something_else_are_not_believed() -> None:
    before, after = by_sample(Label("a", 0, 10, "x")), by_sample(Label("a", 0, 12, "x"))
    patch = Patch(
        recording_id="a", before=Span(0, 10, "x"), after=Span(0, 11, "x"), reason="ends later"
    )
    (change,) = label_changes(before, after, [patch])
    assert (change.action, change.reasons) == ("moved", ())


def test_another_annotator_is_noted() -> None:
    before = by_sample(Label("a", 0, 10, "x"))
    after = by_sample(Label("a", 0, 10, "x", annotator="ann"))
    assert told(label_changes(before, after)) == [("noted", "0-10 'x'", "0-10 'x'")]


@given(st.lists(LABELS, max_size=6), st.lists(LABELS, max_size=6))
def test_changes_turn_one_state_into_the_other(one: list[Label], two: list[Label]) -> None:
    before, after = by_sample(*one), by_sample(*two)
    spans = {(x.recording_id, Span.of(x)) for x in before.values()}
    for change in label_changes(before, after):
        if change.before is not None:
            spans.remove((change.recording_id, change.before))
        if change.after is not None:
            assert (change.recording_id, change.after) not in spans or change.before
    for change in label_changes(before, after):
        if change.after is not None:
            spans.add((change.recording_id, change.after))
    assert spans == {(x.recording_id, Span.of(x)) for x in after.values()}
    assert label_changes(after, after) == []


def test_ten_thousand_moved_intervals_of_one_recording_take_seconds() -> None:
    before = by_sample(*(Label("a", 100 * k, 100 * k + 50, "x") for k in range(10_000)))
    after = by_sample(*(Label("a", 100 * k + 1, 100 * k + 50, "x") for k in range(10_000)))
    start = time.process_time()
    assert {x.action for x in label_changes(before, after)} == {"moved"}
    assert time.process_time() - start < 5


def test_boxes_are_counted_by_recording() -> None:
    facts = {"x": 1, "y": 1, "w": 2, "h": 2, "label": "car"}
    one = Boxes.of(recording_id=["a", "a", "b"], t=[1, 1, 1], **facts)  # type: ignore[arg-type]
    two = Boxes.of(recording_id=["a", "c"], t=[1, 1], track_id=[-1, 4], **facts)  # type: ignore[arg-type]
    found = [(x.recording_id, x.n_removed, x.n_added) for x in box_changes(one, two)]
    assert found == [("a", 1, 0), ("b", 1, 0), ("c", 0, 1)]
    assert box_changes(two, two) == []
