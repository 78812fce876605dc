"""The CSV of DVS Gesture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.formats.dvs_gesture import FORMAT, HEADER, class_number
from catalog.labels.formats.protocol import FormatOptions, RecordingLabels
from catalog.labels.intervals import Label
from eventstore.errors import FormatError, InvalidInput

NONE = FormatOptions()
LABELS = st.builds(
    lambda start, length, number: Label("a", start, start + length, str(number)),
    st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.integers(0, 99),
)


def file(*rows: str) -> bytes:
    return "".join(f"{line}\n" for line in (HEADER, *rows)).encode()


@given(st.lists(LABELS, max_size=5))
def test_any_labels_come_back(labels: list[Label]) -> None:
    part = RecordingLabels(recording_id="a", labels=tuple(labels))
    data = FORMAT.write([part], NONE).data
    assert FORMAT.claims("a_labels.csv", data)
    back = FORMAT.read(data, "a_labels.csv", NONE).intervals
    assert [(x.t_start_us, x.t_stop_us, x.label) for x in back] == [x[1:4] for x in labels]


def test_the_flawed_file_of_the_dataset_is_read_as_it_is() -> None:
    data = file("8,90000000,97000000", "9,98000000,110590564", "10,104500000,110700000")
    nine = FORMAT.read(data, "user22_led_labels.csv", NONE).intervals[1]
    assert nine[:4] == ("line 3", "9", 98_000_000, 110_590_564)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("9,5", "line 2 is no row of this file; expected 3 fields; found 2 in '9,5'"),
        ("", "line 2 is no row.*found an empty line"),
        ("x,5,6", "line 2: the class is no number"),
        ("9,5.5,6", "line 2: startTime_usec is no time; expected whole µs; found '5.5'"),
        ("9,5,-6", "line 2: endTime_usec is no time"),
        ("9,6,5", "line 2: the interval runs backwards"),
    ],
)
def test_bad_lines_are_named(row: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        FORMAT.read(file(row), "user22_led_labels.csv", NONE)


def test_a_class_needs_a_number() -> None:
    told = {"air_drums": 9}
    assert class_number(Label("a", 0, 1, "air_drums"), told) == 9
    assert class_number(Label("a", 0, 1, "air_drums", "9"), {}) == 9
    assert class_number(Label("a", 0, 1, "9"), {}) == 9
    with pytest.raises(InvalidInput, match="class 'clap' of a#0-1 has no number"):
        class_number(Label("a", 0, 1, "clap"), told)
