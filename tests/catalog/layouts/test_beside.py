"""Tables of intervals beside recordings, and intervals that overlap."""

from pathlib import Path

import pytest

from catalog.layouts.beside import Beside, overlaps, parse_intervals
from catalog.layouts.path_rules import Place
from catalog.layouts.paths import PathsOptions
from catalog.layouts.placed import PlacedFile, placed_files
from eventstore.errors import FormatError, NotFound


def file_of(folder: Path, text: str) -> PlacedFile:
    (folder / "u1_labels.csv").write_text(text)
    return placed_files([folder / "u1_labels.csv"])[0]


def test_columns_may_be_in_any_order_and_more(tmp_path: Path) -> None:
    text = "endTime_usec,class,note,startTime_usec\n9,2,x,5\n\n20,1,,10\n"
    assert parse_intervals(file_of(tmp_path, text)) == [(5, 9, "2"), (10, 20, "1")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no table of intervals.*an empty file"),
        ("class,start\n", "no table of intervals.*found class,start"),
        ("class,startTime_usec,endTime_usec\n1,5\n", "line 2 holds no interval"),
        ("class,startTime_usec,endTime_usec\n1,0,9\n1,9,5\n", "line 3 holds no interval"),
        ("class,startTime_usec,endTime_usec\n1,-1,5\n", "line 2 holds no interval"),
        ("class,startTime_usec,endTime_usec\n,1,5\n", "line 2 holds no interval"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        parse_intervals(file_of(tmp_path, text))
    assert "u1_labels.csv" in caught.value.message


def test_overlaps_are_named_pair_by_pair() -> None:
    rows = {"a": [(0, 5, "x"), (5, 9, "y")], "b": [(7, 12, "y"), (0, 9, "x"), (11, 13, "z")]}
    messages = [finding.message for finding in overlaps(rows)]
    assert messages == [
        "'x' ends at 9 µs, after 'y' begins at 7 µs",
        "'y' ends at 12 µs, after 'z' begins at 11 µs",
    ]


def test_files_are_found_from_the_recordings_folder(tmp_path: Path) -> None:
    for name in ("data/0/Event/e.bin", "data/0/boxes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("0.5: 1,2,3,4\n")
    files = placed_files([tmp_path / "data"])
    event = next(file for file in files if file.full.endswith(".bin"))
    place = Place(id="0", groups={"scene": "0"})
    beside = Beside(files, PathsOptions(boxes="corners", boxes_at="../../{scene}/boxes.txt"), ())
    boxes = beside.boxes(event, place)
    assert boxes is not None
    assert boxes.t.tolist() == [500_000]
    assert (beside.used, beside.findings()) == ({"data/0/boxes.txt"}, [])
    gone = Beside(files, PathsOptions(boxes="corners", boxes_at="none.txt"), ())
    assert gone.boxes(event, place) is None
    (finding,) = gone.findings()
    assert (finding.where, finding.check) == ("data/0/Event/none.txt", "no-labels")
    none = Beside(files, PathsOptions(), ())
    assert (none.boxes(event, place), none.intervals(event, place)) == (None, [])


def test_a_form_of_boxes_that_is_none_names_the_nearest(tmp_path: Path) -> None:
    file = file_of(tmp_path, "")
    beside = Beside([file], PathsOptions(boxes="prophese", boxes_at="x"), ())
    with pytest.raises(NotFound, match="no form of boxes 'prophese'") as caught:
        beside.boxes(file, Place(id="a"))
    assert caught.value.hint == "did you mean 'prophesee'?"
