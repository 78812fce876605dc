"""Lists of aermanager."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.formats.aermanager import FORMAT
from catalog.labels.formats.protocol import FormatOptions, RecordingLabels
from catalog.labels.intervals import Label
from eventstore.errors import FormatError, InvalidInput

NONE = FormatOptions()
NAMES = st.text(st.characters(codec="ascii", exclude_characters=",#\n\r\0"), min_size=1).filter(
    lambda name: name == name.strip() != ""
)


@given(st.dictionaries(NAMES, NAMES, max_size=5))
def test_any_list_comes_back(labels: dict[str, str]) -> None:
    parts = [
        RecordingLabels(
            recording_id="some", source=name, t_stop_us=9, labels=(Label("some", 0, 9, label),)
        )
        for name, label in labels.items()
    ]
    back = FORMAT.read(FORMAT.write(parts, NONE).data, "list.csv", NONE).intervals
    assert {x.recording: x.label for x in back} == labels
    assert all(x.t_start_us is None for x in back)


def test_comments_and_blanks_are_as_numpy_reads_them() -> None:
    data = b"# a list\n\nclass1/test.aedat4,1\nclass2/data_sample.aedat4, 2 # two\n"
    found = FORMAT.read(data, "list.csv", NONE).intervals
    assert [(x.where, x.recording, x.label) for x in found] == [
        ("line 3", "class1/test.aedat4", "1"),
        ("line 4", "class2/data_sample.aedat4", "2"),
    ]


@pytest.mark.parametrize("line", ["a", "a,b,c", "a,", ",b", "a,#b"])
def test_bad_lines_are_named(line: str) -> None:
    with pytest.raises(FormatError, match="line 1 is no path with a label; expected path,label"):
        FORMAT.read(line.encode(), "list.csv", NONE)


@pytest.mark.parametrize(
    ("source", "label", "said"),
    [
        ("a.bin", Label("a", 1, 9, "x"), "a#1-9 is not the whole of its recording"),
        ("a,b.bin", Label("a", 0, 9, "x"), "'a,b.bin' of a holds ','"),
        ("a.bin", Label("a", 0, 9, "#x"), "'#x' of a holds '#'"),
        ("a.bin", Label("a", 0, 9, " x"), "would not read back"),
    ],
)
def test_what_the_list_cannot_say_is_refused(source: str, label: Label, said: str) -> None:
    part = RecordingLabels(recording_id="a", source=source, t_stop_us=9, labels=(label,))
    with pytest.raises(InvalidInput, match=said):
        FORMAT.write([part], NONE)
