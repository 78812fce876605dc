"""Events of BIDS: seconds without floats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.formats.bids import FORMAT, seconds_text
from catalog.labels.formats.protocol import FormatOptions, RecordingLabels
from catalog.labels.intervals import Label
from eventstore.errors import FormatError, InvalidInput

NONE = FormatOptions()
HEAD = "onset\tduration\ttrial_type"
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0"), max_size=5)
GIVEN = NAMES.filter(lambda name: name not in {"", "n/a"})
NOTES = NAMES.filter(lambda name: name != "n/a")
LABELS = st.builds(
    lambda start, length, *rest: Label("a", start, start + length, *rest),
    st.integers(0, 10**17),
    st.integers(0, 10**17),
    GIVEN,
    NOTES,
    NOTES,
    st.none() | st.floats(0, 1),
    NOTES,
)


def file(*rows: str, head: str = HEAD) -> bytes:
    return "".join(f"{line}\n" for line in (head, *rows)).encode()


@given(st.lists(LABELS, max_size=4))
def test_any_labels_come_back_to_the_microsecond(labels: list[Label]) -> None:
    part = RecordingLabels(recording_id="a", labels=tuple(labels))
    data = FORMAT.write([part], NONE).data
    assert FORMAT.claims("a_events.tsv", data)
    said = FORMAT.read(data, "a_events.tsv", NONE)
    assert said.findings == ()
    back = [
        Label("a", x.t_start_us or 0, x.t_stop_us or 0, x.label, *x[5:]) for x in said.intervals
    ]
    key = repr
    assert sorted(back, key=key) == sorted(labels, key=key)


@given(st.integers(0, 10**18))
def test_seconds_are_exact(time_us: int) -> None:
    interval = FORMAT.read(file(f"{seconds_text(time_us)}\t0\tx"), "x", NONE).intervals[0]
    assert interval.t_start_us == interval.t_stop_us == time_us


def test_columns_may_stand_in_any_order_and_have_other_names() -> None:
    data = file("clap\t1.5e0\t3\tleft\t2", head="gesture\tonset\thand\tside\tduration")
    said = FORMAT.read(data, "x", FormatOptions(label_column="gesture"))
    assert said.intervals[0][:4] == ("line 2", "clap", 1_500_000, 3_500_000)
    assert [f.message for f in said.findings] == [
        "columns that labels have no place for: hand, side"
    ]


def test_finer_times_and_events_without_class_are_told() -> None:
    data = file("0.1\t0.2\tn/a", "0.30000000000000004\t1\tclap", "1\t1\tclap")
    said = FORMAT.read(data, "x", NONE)
    assert [x.t_start_us for x in said.intervals] == [300_000, 1_000_000]
    assert [(f.where, f.message) for f in said.findings] == [
        ("x: line 2", "1 events without a class were passed over"),
        ("x: line 3", "1 times are finer than 1 µs and were rounded to it"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1\t1", "line 2 is no row of this file; expected 3 fields"),
        ("1\tn/a\tx", "line 2: duration is no time.*\nhint: a sample needs an end"),
        ("one\t1\tx", "line 2: onset is no time; expected seconds, as 1.5; found 'one'"),
        ("nan\t1\tx", "line 2: onset is no time"),
        ("1e999\t1\tx", "line 2: onset is no time"),
        ("1e99999999\t1\tx", "line 2: onset is no time"),
        ("-1\t5\tx", "line 2: begins before the recording or runs backwards"),
        ("1\t-0.5\tx", "line 2: begins before the recording or runs backwards"),
    ],
)
def test_bad_lines_are_named(row: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        FORMAT.read(file(row), "a_events.tsv", NONE)


@pytest.mark.parametrize("head", ["onset\tduration", "onset\tduration\ttrial_type\tonset", "a"])
def test_other_columns_are_refused(head: str) -> None:
    with pytest.raises(FormatError, match="expected columns onset duration trial_type"):
        FORMAT.read(file(head=head), "a_events.tsv", NONE)


@pytest.mark.parametrize("name", ["", "n/a", "a\tb"])
def test_what_bids_cannot_say_is_refused(name: str) -> None:
    part = RecordingLabels(recording_id="a", labels=(Label("a", 0, 1, name),))
    with pytest.raises(InvalidInput):
        FORMAT.write([part], NONE)
