"""What is odd about intervals is found, with recording, range and remedy."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.checks import check_intervals, check_twice
from catalog.labels.intervals import Label
from eventstore.findings import Finding, Severity

STOPS = {"a": 100, "b": 100}
INTERVALS = st.builds(
    lambda start, length, label: Label("a", start, start + length, label),
    st.integers(0, 90),
    st.integers(1, 10),
    st.sampled_from("xyz"),
)


def said(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(f.severity.name, f.where, f.message) for f in findings]


def test_sound_labels_have_no_findings() -> None:
    labels = [Label("a", 0, 50, "x"), Label("a", 50, 100, "y"), Label("b", 0, 100, "x")]
    assert check_intervals(labels, STOPS, complete=True) == []


def test_overlaps_of_different_classes_are_warnings_of_one_class_notes() -> None:
    labels = [Label("a", 0, 60, "x"), Label("a", 50, 90, "y"), Label("a", 55, 70, "x")]
    assert said(check_intervals(labels, STOPS)) == [
        ("WARNING", "a#50-90", "overlaps 10 µs of 'x' (0-60) with 'y' (50-90)"),
        ("INFO", "a#55-70", "overlaps 5 µs of 'x' (0-60) with 'x' (55-70)"),
        ("WARNING", "a#55-70", "overlaps 15 µs of 'y' (50-90) with 'x' (55-70)"),
    ]


def test_an_overlap_is_found_behind_a_shorter_interval() -> None:
    labels = [Label("a", 0, 90, "x"), Label("a", 10, 20, "y"), Label("a", 30, 40, "y")]
    assert [f.where for f in check_intervals(labels, STOPS)] == ["a#10-20", "a#30-40"]


@given(st.lists(INTERVALS, max_size=8))
def test_there_is_an_overlap_warning_where_any_two_classes_share_time(labels: list[Label]) -> None:
    pairs = [(a, b) for i, a in enumerate(labels) for b in labels[:i] if a.label != b.label]
    shared = any(a.t_start_us < b.t_stop_us and b.t_start_us < a.t_stop_us for a, b in pairs)
    assert any(f.check == "label-overlap" for f in check_intervals(labels, STOPS)) == shared


def test_time_outside_a_recording_is_told() -> None:
    labels = [Label("a", 90, 130, "x"), Label("b", 100, 130, "x"), Label("c", 0, 1, "x")]
    assert said(check_intervals(labels, STOPS)) == [
        ("WARNING", "a#90-130", "'x' goes 30 µs beyond the recording's end at 100 µs"),
        ("ERROR", "b#100-130", "'x' lies beyond the recording's end at 100 µs"),
        ("ERROR", "c#0-1", "labels c, which is no recording of the dataset"),
    ]


def test_the_remedy_names_the_set_unless_it_is_the_one_taken_by_itself() -> None:
    labels = [Label("a", 90, 130, "x"), Label("b", 100, 130, "x")]
    long, beyond = check_intervals(labels, STOPS)
    named = check_intervals(labels, STOPS, label_set="big cats")
    assert long.fix == "spikelake label edit DATASET 'a#90-130' --stop 100 --reason …"
    assert [f.fix for f in named] == [f"{long.fix} --set 'big cats'", beyond.fix]


def test_no_length_is_told_and_overlaps_nothing() -> None:
    labels = [Label("a", 0, 50, "x"), Label("a", 20, 20, "y")]
    assert said(check_intervals(labels, STOPS)) == [("WARNING", "a#20-20", "'y' has no length")]


def test_an_empty_recording_may_have_a_label() -> None:
    (finding,) = check_intervals([Label("a", 0, 0, "x")], {"a": 0})
    assert finding.severity is Severity.WARNING


def test_gaps_are_told_where_all_should_be_labelled() -> None:
    labels = [Label("a", 10, 50, "x"), Label("a", 20, 30, "x"), Label("a", 60, 90, "y")]
    gaps = [f for f in check_intervals(labels, STOPS, complete=True) if f.check == "label-gap"]
    assert said(gaps) == [
        ("WARNING", "a#0-10", "no label for 10 µs"),
        ("WARNING", "a#50-60", "no label for 10 µs"),
        ("WARNING", "a#90-100", "no label for 10 µs"),
    ]


def test_what_stands_twice_is_kept_once_or_refused() -> None:
    one, other = Label("a", 0, 9, "cat"), Label("a", 0, 9, "dog")
    assert check_twice([one, Label("a", 0, 10, "dog")]) == ([one, Label("a", 0, 10, "dog")], [])
    kept, found = check_twice([one, Label("a", 0, 9, "cat", annotator="b"), other])
    assert kept == [one]
    assert said(found) == [
        ("WARNING", "a#0-9", "labelled 'cat' twice; kept once"),
        ("ERROR", "a#0-9", "labelled both 'cat' and 'dog'"),
    ]
