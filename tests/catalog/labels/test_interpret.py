"""What files say becomes labels of recordings: times, names, who."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from catalog.labels.formats.prophesee import DTYPE
from catalog.labels.formats.protocol import FormatOptions, Times
from catalog.labels.interpret import ImportOptions, Interpreted, Recordings, interpret_files
from catalog.labels.intervals import Label
from catalog.recording_table import RECORDING_COLUMNS
from catalog.tsv import Table
from eventstore.errors import InvalidInput, MissingContent, NotFound

HEADER = "class,startTime_usec,endTime_usec\n"


def recordings() -> Recordings:
    facts = {"t_stop_us": "1000", "t_origin_us": "50", "width": "34", "height": "30"}
    rows = [
        [{"recording_id": name, **facts}.get(column, "") for column in RECORDING_COLUMNS]
        for name in ("a", "b")
    ]
    return Recordings.of_table(Table(RECORDING_COLUMNS, tuple(map(tuple, rows))))


def interpret(*paths: Path, **options: object) -> Interpreted:
    return interpret_files(paths, recordings(), ImportOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def gestures(tmp_path: Path) -> Path:
    file = tmp_path / "a_labels.csv"
    file.write_text(HEADER + "1,60,90\n2,40,100\n3,10,20\n")
    return file


def test_times_of_the_source_lose_the_origin(gestures: Path) -> None:
    said = interpret(gestures)
    assert said.labels == (Label("a", 10, 40, "1"), Label("a", 0, 50, "2"))
    assert said.formats == {"dvs-gesture"}
    assert said.recordings == {"a"}
    assert [(f.severity.name, f.where, f.message) for f in said.findings] == [
        ("WARNING", f"{gestures}: line 3: a", "'2' begins 10 µs before the recording; cut to it"),
        (
            "ERROR",
            f"{gestures}: line 4: a",
            "'3' ends 30 µs before the recording's start at 50 µs",
        ),
    ]


def test_times_of_the_recording_are_kept(gestures: Path) -> None:
    said = interpret(gestures, times=Times.RECORDING)
    assert [x.t_start_us for x in said.labels] == [60, 40, 10]
    assert said.findings == ()


def test_names_and_who_are_filled_in(gestures: Path) -> None:
    names = {"1": "clap", "2": "wave", "3": "roll"}
    said = interpret(gestures, names=names, annotator="ann", source="by hand", recording="b")
    assert said.labels[0] == Label("b", 10, 40, "clap", "1", "ann", None, "by hand")
    with pytest.raises(InvalidInput, match=r"line 4: class '3' has no name \(known: 1 clap, 2 wa"):
        interpret(gestures, names={"1": "clap", "2": "wave"})


def test_a_list_labels_whole_recordings(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("x/a.aedat4,cat\nx/b.aedat4, dog\n")
    said = interpret(file, format="aermanager")
    assert said.labels == (Label("a", 0, 1000, "cat"), Label("b", 0, 1000, "dog"))
    with pytest.raises(InvalidInput, match="lists recordings, so it is not about a alone"):
        interpret(file, format="aermanager", recording="a")


def test_boxes_lose_the_origin_and_get_names(tmp_path: Path) -> None:
    array = np.zeros(3, DTYPE)
    array["t"], array["class_id"], array["w"] = [40, 60, 70], [0, 1, 0], 3
    file = tmp_path / "a_bbox.npy"
    np.save(file, array)
    said = interpret(file, names={"0": "car", "1": "pedestrian"})
    assert said.boxes is not None
    assert said.boxes.t.tolist() == [10, 20]
    assert said.boxes.label_id.tolist() == [1, 0]
    assert [said.boxes.label_names[i] for i in said.boxes.label] == ["pedestrian", "car"]
    (finding,) = said.findings
    assert finding.is_error
    assert finding.message == "1 of 3 boxes lie before the recording's start at 50 µs"
    plain = interpret(file, times=Times.RECORDING)
    assert plain.boxes is not None
    assert plain.boxes.label_id.tolist() == [-1, -1, -1]


def test_frames_are_told(tmp_path: Path) -> None:
    file = tmp_path / "b.xml"
    file.write_text(
        "<annotations><version>1.1</version><image id='2'><tag label='x'/></image></annotations>"
    )
    said = interpret(file, reading=FormatOptions(fps=Fraction(10_000)))
    assert said.labels == (Label("b", 200, 300, "x"),)


def test_several_files_are_one(gestures: Path, tmp_path: Path) -> None:
    other = tmp_path / "b_labels.csv"
    other.write_text(HEADER + "7,60,90\n")
    said = interpret(other, gestures, times=Times.RECORDING)
    assert said.recordings == {"a", "b"}
    assert [x.label for x in said.labels] == ["7", "1", "2", "3"]
    with pytest.raises(InvalidInput, match="one recording, a, for 2 files"):
        interpret(other, gestures, recording="a")


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        interpret(tmp_path / "none.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "gone")
    with pytest.raises(MissingContent, match=r"the content of .*link\.csv is not on this machine"):
        interpret(tmp_path / "link.csv")
