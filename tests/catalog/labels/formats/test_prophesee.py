"""Boxes of Prophesee, of both generations of names; never a pickle."""

import pickle
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.boxes import Boxes
from catalog.labels.formats.prophesee import DTYPE, FORMAT
from catalog.labels.formats.protocol import FormatOptions, RecordingLabels
from eventstore.errors import FormatError, InvalidInput

NONE = FormatOptions()
FLOATS = st.floats(-1e4, 1e4, width=32)
SIDES = st.floats(0, 1e4, width=32)
ROWS = st.tuples(
    st.integers(0, 2**60),
    FLOATS,
    FLOATS,
    SIDES,
    SIDES,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1, width=32),
)


def saved(array: np.ndarray) -> bytes:
    out = BytesIO()
    np.save(out, array)
    return out.getvalue()


def written(boxes: Boxes, **options: object) -> np.ndarray:
    part = RecordingLabels(recording_id="a", boxes=boxes)
    data = FORMAT.write([part], FormatOptions(**options)).data  # type: ignore[arg-type]
    array: np.ndarray = np.load(BytesIO(data), allow_pickle=False)
    return array


@given(st.lists(ROWS, max_size=5))
def test_any_boxes_come_back_bit_by_bit(rows: list[tuple[object, ...]]) -> None:
    array = np.array(rows, DTYPE)
    boxes = FORMAT.read(saved(array), "a_bbox.npy", NONE).boxes
    assert boxes is not None
    part = RecordingLabels(recording_id="a", boxes=boxes)
    out = FORMAT.write([part], NONE)
    assert out.findings == ()
    back = np.load(BytesIO(out.data), allow_pickle=False)
    assert back.dtype == DTYPE
    assert sorted(back.tolist()) == sorted(array.tolist())


def test_both_generations_of_names_say_the_same() -> None:
    old = np.dtype(
        [
            ("ts", "<u8"),
            ("x", "<f4"),
            ("y", "<f4"),
            ("w", "<f4"),
            ("h", "<f4"),
            ("class_id", "u1"),
            ("confidence", "<f4"),
            ("track_id", "<u4"),
        ]
    )
    one = FORMAT.read(saved(np.array([(7, 634.12, 1, 2, 3, 1, 0.9, 4)], old)), "x", NONE)
    two = FORMAT.read(saved(np.array([(7, 634.12, 1, 2, 3, 1, 4, 0.9)], DTYPE)), "x", NONE)
    for said in (one, two):
        assert said.boxes is not None
        assert said.findings == ()
        assert said.boxes.x.tolist() == [634.12]
        assert said.boxes.confidence.tolist() == [0.9]
        assert said.boxes.label_names == ("1",)
        assert said.boxes.track_id.tolist() == [4]


def test_fields_without_a_place_are_told_and_optional_ones_may_lack() -> None:
    dtype = np.dtype(
        [*((n, ">f8") for n in ("t", "x", "y", "w", "h", "class_id")), ("lidar", "U3")]
    )
    said = FORMAT.read(saved(np.array([(5, 1, 2, 3, 4, 0, "yes")], dtype)), "x", NONE)
    assert said.boxes is not None
    assert said.boxes.track_id.tolist() == [-1]
    assert np.isnan(said.boxes.confidence).all()
    assert [f.message for f in said.findings] == ["fields that boxes have no place for: lidar"]


def test_what_the_format_must_have_is_filled_in_and_told() -> None:
    boxes = Boxes.of(recording_id="a", t=[1], x=0.1, y=1, w=1, h=1, label="2")
    part = RecordingLabels(recording_id="a", boxes=boxes)
    out = FORMAT.write([part], NONE)
    (row,) = np.load(BytesIO(out.data), allow_pickle=False)
    assert (row["track_id"], row["class_confidence"], row["class_id"]) == (0, 1, 2)
    assert [f.message.split()[0:4] for f in out.findings] == [
        ["1", "boxes", "without", "a"],
        ["1", "boxes", "without", "a"],
    ]
    fine = Boxes.of(recording_id="a", t=[1], x=0.123456789012, y=1, w=1, h=1, label="2", track_id=1)
    said = FORMAT.write([RecordingLabels(recording_id="a", boxes=fine)], NONE).findings[0]
    assert "x of 1 boxes was rounded to 32 bits" in said.message


def test_classes_get_their_numbers_back() -> None:
    table = {"t": [1, 2, 3], "x": 1, "y": 1, "w": 1, "h": 1, "track_id": 1}
    boxes = Boxes.of(recording_id="a", label=["car", "bus", "4"], label_id=[7, -1, -1], **table)
    assert written(boxes, class_numbers={"bus": 3})["class_id"].tolist() == [7, 3, 4]
    with pytest.raises(InvalidInput, match="class 'bus' of 1 boxes has no number"):
        written(boxes)


def test_no_pickle_is_ever_loaded() -> None:
    with pytest.raises(FormatError, match="not a table of boxes"):
        FORMAT.read(saved(np.array([{"x": 1}], object)), "x", NONE)
    with pytest.raises(FormatError, match="not an array of numpy"):
        FORMAT.read(pickle.dumps([1]), "x", NONE)


@pytest.mark.parametrize("cut", [1, 39, 41])
def test_a_file_cut_short_is_told_not_read(cut: int) -> None:
    data = saved(np.zeros(3, DTYPE))
    with pytest.raises(FormatError, match="3 boxes do not fill the file") as error:
        FORMAT.read(data[:-cut], "x", NONE)
    assert error.value.offset == len(data) - 120
    with pytest.raises(FormatError, match="do not fill the file"):
        FORMAT.read(data + bytes(cut), "x", NONE)
    with pytest.raises(FormatError, match="not an array of numpy"):
        FORMAT.read(data[:50], "x", NONE)


def test_a_huge_shape_in_the_head_takes_no_memory() -> None:
    data = saved(np.zeros(1, DTYPE)).replace(b"(1,)", b"(9999999999,)", 1)
    with pytest.raises(FormatError):
        FORMAT.read(data, "x", NONE)


@pytest.mark.parametrize(
    ("dtype", "said"),
    [
        ("f4", "not a table of boxes; expected one dimension of fields"),
        ([("t", "i8"), ("x", "f4")], "expected fields t"),
        ([(n, "i8") for n in ("t", "ts", "x", "y", "w", "h", "class_id")], "each once"),
        ([(n, "U2") for n in ("t", "x", "y", "w", "h", "class_id")], "each a number"),
        ([(n, "f4", 2) for n in ("t", "x", "y", "w", "h", "class_id")], "each a number"),
        ([], "not a table of boxes"),
    ],
)
def test_other_arrays_are_refused(dtype: object, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        FORMAT.read(saved(np.zeros(2, dtype)), "x", NONE)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("t", -1, "t of box 1 is no whole number from 0"),
        ("x", np.nan, "x of box . is no number"),
        ("w", -1, "w of box . is negative"),
        ("class_confidence", 2, "confidence of box"),
    ],
)
def test_bad_values_are_named(field: str, value: float, said: str) -> None:
    array = np.zeros(2, DTYPE)
    array[field][1] = value
    with pytest.raises(FormatError, match=said):
        FORMAT.read(saved(array), "x", NONE)
