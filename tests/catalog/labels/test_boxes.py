"""Boxes in memory: columns, slices and what is refused."""

import numpy as np
import pytest

from catalog.labels.boxes import Boxes
from eventstore.errors import InvalidInput

FULL = {"recording_id": "a", "x": 1, "y": 1, "w": 2, "h": 2, "label": "car"}


def boxes() -> Boxes:
    return Boxes.of(
        recording_id=["b", "a", "a", "c"],
        t=[5, 30, 10, 0],
        x=[0.5, 1, 2, 3],
        y=0,
        w=1,
        h=1,
        label=["car", "bus", "car", "car"],
        track_id=[7, 8, 9, 1 << 60],
    )


def test_rows_are_sorted_by_recording_and_time_and_keep_together() -> None:
    table = boxes()
    assert table.recording_ids == ("a", "b", "c")
    assert table.t.tolist() == [10, 30, 5, 0]
    assert table.track_id.tolist() == [9, 8, 7, 1 << 60]
    assert [table.label_names[i] for i in table.label] == ["car", "bus", "car", "car"]
    assert repr(table) == "<Boxes 4 of 3 recordings>"


def test_a_time_slice_is_half_open() -> None:
    table = boxes()
    assert table.of_recording("a", 10, 30).t.tolist() == [10]
    assert table.of_recording("a", 11).t.tolist() == [30]
    assert table.of_recording("a", 31, 20).t.tolist() == []
    assert table.of_recording("c").label_names == ("car",)


def test_recordings_are_left_out_and_put_back() -> None:
    table = boxes()
    rest = table.without(["a", "nobody"])
    assert rest.recording_ids == ("b", "c")
    back = Boxes.joined([rest, table.of_recording("a")])
    assert back.track_id.tolist() == table.track_id.tolist()
    assert back.x.tolist() == table.x.tolist()
    assert len(Boxes.joined([])) == 0


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"t": [1, -2, -3]}, r"t of box 1 lies before the recording's start: -2 \(and 1 more\)"),
        ({"t": [1], "x": np.nan}, "x of box 0 is no number: nan"),
        ({"t": [1], "w": -1}, "w of box 0 is negative: -1.0"),
        ({"t": [1], "confidence": 1.5}, "confidence of box 0 is none: 1.5"),
        ({"t": [1], "track_id": -2}, "track_id of box 0 is negative"),
        ({"t": [1.5]}, "t of a box is no whole number"),
        ({"t": np.array([2**63], np.uint64)}, "t of a box is no whole number"),
        ({"t": [1, 2], "y": [1, 2, 3]}, "y has 3 values for 2 boxes"),
        ({"t": [1, 2], "label": ["car"]}, "1 names for 2 boxes"),
    ],
)
def test_what_is_no_box_is_named(columns: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Boxes.of(**{**FULL, **columns})  # type: ignore[arg-type]
