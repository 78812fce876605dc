"""Boxes as text: exact, canonical, and bad lines named."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.labels.box_table import boxes_digest, boxes_table, parse_boxes
from catalog.labels.boxes import Boxes
from eventstore.errors import FormatError

HEAD = "recording_id\tt_us\tx\ty\tw\th\tlabel\n"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
SIDES = st.floats(0, allow_infinity=False, allow_nan=False)
ROWS = st.tuples(
    NAMES,
    st.integers(0, 10**17),
    st.floats(allow_infinity=False, allow_nan=False),
    SIDES,
    SIDES,
    NAMES,
    st.integers(-1, 10**17),
    st.integers(-1, 10**17),
    st.just(float("nan")) | st.floats(0, 1),
)


def of_rows(rows: list[tuple[object, ...]]) -> Boxes:
    ids, t, x, w, h, labels, label_ids, tracks, shares = map(
        list, zip(*rows, strict=True) if rows else [[]] * 9
    )
    ids, labels = [str(i) for i in ids], [str(i) for i in labels]
    return Boxes.of(
        recording_id=ids,
        t=np.array(t, np.int64),
        x=x,
        y=0,
        w=w,
        h=h,
        label=labels,
        label_id=np.array(label_ids, np.int64),
        track_id=np.array(tracks, np.int64),
        confidence=np.array(shares, np.float64),
    )


@given(st.lists(ROWS, max_size=5))
def test_any_boxes_read_back_exactly_in_any_order(rows: list[tuple[object, ...]]) -> None:
    boxes = of_rows(rows)
    back = parse_boxes(boxes_table(boxes).text(), path="x")
    assert back.recording_ids == boxes.recording_ids
    assert back.label_names == boxes.label_names
    for name in ("recording", "t", "x", "w", "h", "label", "label_id", "track_id", "confidence"):
        np.testing.assert_array_equal(getattr(back, name), getattr(boxes, name))
    assert boxes_digest(back) == boxes_digest(of_rows(rows[::-1]))


def test_columns_that_no_box_has_are_not_written() -> None:
    plain = Boxes.of(recording_id="a", t=[5], x=1, y=-2.5, w=3, h=0, label="car")
    assert boxes_table(plain).text() == HEAD + "a\t5\t1\t-2.5\t3\t0\tcar\n"
    tracked = Boxes.of(recording_id="a", t=[5], x=1, y=1, w=3, h=0, label="car", track_id=0)
    assert boxes_table(tracked).columns[7:] == ("track_id",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a\t0\t1\t1\t1\t1\tcar\na\t-1\t1\t1\t1\t1\tcar\n", "line 3: t_us is no whole number"),
        ("a\t1.5\t1\t1\t1\t1\tcar\n", "line 2: t_us is no whole number.*found '1.5'"),
        ("a\t9999999999999999999\t1\t1\t1\t1\tcar\n", "at most 18 digits"),
        ("a\t0\tnan\t1\t1\t1\tcar\n", "line 2: x is no number.*found 'nan'"),
        ("a\t0\t1_0\t1\t1\t1\tcar\n", "line 2: x is no number"),
        ("a\t0\t1\t \t1\t1\tcar\n", "line 2: y is no number"),
        ("a\t0\t1\t1\t\t1\tcar\n", "line 2: w is no number.*found ''"),
        ("a\t0\t1\t1\t1e999\t1\tcar\n", "w of box 0 is no number: inf"),
        ("a\t0\t1\t1\t1\t-1\tcar\n", "h of box 0 is negative"),
    ],
)
def test_bad_rows_are_named(row: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        parse_boxes(HEAD + row, path="labels/boxes/cars.tsv")


def test_other_columns_are_refused() -> None:
    with pytest.raises(FormatError, match="expected columns recording_id t_us"):
        parse_boxes("a\tb\n", path="labels/boxes/cars.tsv")
    with pytest.raises(FormatError, match="then any of label_id"):
        parse_boxes(HEAD.replace("label\n", "label\tcolour\n"), path="labels/boxes/cars.tsv")


def test_a_hundred_thousand_boxes_take_seconds_not_minutes() -> None:
    rng, n = np.random.default_rng(0), 100_000
    boxes = Boxes.of(
        recording_id=[f"train/{i:03}" for i in rng.integers(0, 99, n)],
        t=rng.integers(0, 10**8, n),
        x=rng.integers(0, 1280, n) / 4,
        y=rng.integers(0, 720, n) / 4,
        w=20.5,
        h=31,
        label="car",
        track_id=rng.integers(0, 999, n),
    )
    start = time.process_time()
    text = boxes_table(boxes).text()
    assert boxes_table(parse_boxes(text, path="x")).text() == text
    assert time.process_time() - start < 10
