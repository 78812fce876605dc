"""Boxes in the forms of their publishers, and files that are none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.labels.boxes import Boxes
from catalog.layouts.box_files import BOX_FILES
from catalog.layouts.path_rules import Place
from catalog.layouts.placed import placed_files
from eventstore.errors import FormatError
from tests.catalog.layouts.miniatures import formats as make


def read(form: str, folder: Path, name: str, data: bytes, **place: Any) -> Boxes:
    (folder / name).write_bytes(data)
    (file,) = placed_files([folder / name])
    return BOX_FILES[form](file, Place(id="a", **place), ("car", "pedestrian"))


@pytest.mark.parametrize("older", [True, False])
def test_boxes_of_prophesee_in_both_forms(tmp_path: Path, *, older: bool) -> None:
    rows = [(5, 634.12, 2.0, 3.0, 4.0, 1, 7), (9, -1.0, 2.0, 3.0, 4.0, 6, 8)]
    boxes = read("prophesee", tmp_path, "a_bbox.npy", make.boxes(rows, older=older))
    assert boxes.t.tolist() == [5, 9]
    assert boxes.x.tolist() == [634.12, -1.0]  # the shortest decimals of 32 bits
    assert [boxes.label_names[i] for i in boxes.label] == ["pedestrian", "6"]
    assert (boxes.label_id.tolist(), boxes.track_id.tolist()) == ([1, 6], [7, 8])
    assert boxes.confidence.tolist() == [1.0, 1.0]


def test_corners_in_seconds_several_a_line(tmp_path: Path) -> None:
    data = b"0.033: 10.0, 20.0, 30.0, 50.0, 1, 2, 0, 4\n\n1: 3,4,5,6\n"
    boxes = read("corners", tmp_path, "boxes.txt", data)
    assert boxes.t.tolist() == [33_000, 33_000, 1_000_000]
    assert sorted(zip(boxes.x, boxes.y, boxes.w, boxes.h, strict=True)) == [
        (0.0, 2.0, 1.0, 2.0), (3.0, 4.0, 2.0, 2.0), (10.0, 20.0, 20.0, 30.0),
    ]  # fmt: skip
    assert boxes.label_names == ("car",)


def test_marks_of_ebssa_and_a_recording_without(tmp_path: Path) -> None:
    points = {"ts": [[9.0, 20.0]], "x": [[1.0, 5.0]], "y": [[3.0, 4.0]], "id": [[2.0, 2.0]]}
    marks = {f"R1/Obj/{name}": values for name, values in points.items()}
    data = make.hdf5({**marks, "R2/TD/ts": [1.0]})
    boxes = read("ebssa", tmp_path, "e.h5", data, part="R1/TD")
    assert (boxes.t.tolist(), boxes.x.tolist(), boxes.y.tolist()) == ([9, 20], [0, 4], [2, 3])
    assert (boxes.w.tolist(), boxes.track_id.tolist()) == ([0, 0], [2, 2])
    assert len(read("ebssa", tmp_path, "e.h5", data, part="R2/TD")) == 0


@pytest.mark.parametrize(
    ("form", "name", "data", "said"),
    [
        ("prophesee", "a.npy", make.npy(np.zeros((3, 5))), "not a table of boxes"),
        ("prophesee", "a.npy", make.npy(np.zeros(2, [("t", "i8")])), "not a table of boxes"),
        ("prophesee", "a.npy", b"no array", "not an array of numpy"),
        ("prophesee", "a.npy", make.boxes([(5, 1, 2, -3, 4, 1, 7)]), "w of box 0 is negative"),
        ("corners", "a.txt", b"1: 2,3,4\n", "line 1 holds no boxes"),
        ("corners", "a.txt", b"1: 2,3,4,5\nx: 1,2,3,4\n", "line 2 holds no boxes"),
        ("corners", "a.txt", b"1: 2,3,4,nan\n", "line 1 holds no boxes"),
        ("ebssa", "a.h5", make.hdf5({"R1/Obj/ts": [1.0, 2.0], "R1/Obj/x": [1.0], "R1/Obj/y": [1.0],
                                     "R1/Obj/id": [1.0]}), "R1/Obj is no table"),
    ],
)  # fmt: skip
def test_files_that_are_no_boxes(
    tmp_path: Path, form: str, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(FormatError, match=said) as caught:
        read(form, tmp_path, name, data, part="R1/TD")
    assert name in caught.value.message
