"""The head of a text file: comments, geometry, and names of columns in any order."""

import pytest

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.readers.text_head import COLUMN_NAMES, columns_of, read_head


@pytest.mark.parametrize(
    ("top", "start", "line", "order"),
    [
        (b"", 0, 1, [0, 1, 2, 3]),
        (b"5 1 3 1\n", 0, 1, [0, 1, 2, 3]),
        (b"# a word\n\n5 1 3 1\n", 10, 3, [0, 1, 2, 3]),
        (b"x y p t\n1 3 1 5\n", 8, 2, [1, 2, 3, 0]),
        (b"Timestamp; Polarity; Row; Col\n", 30, 1, [0, 3, 2, 1]),
        (b"\xef\xbb\xbft,x,y,p\n5,1,3,1", 11, 2, [0, 1, 2, 3]),
        (b"-1 1 3 1\n", 0, 1, [0, 1, 2, 3]),
    ],
)
def test_where_events_start_and_in_which_order(
    top: bytes, start: int, line: int, order: list[int]
) -> None:
    head = read_head("a.txt", top)
    assert (head.start, head.lines, head.columns.fields.tolist()) == (start, line, order)
    assert head.sensor is None


def test_geometry_comes_once_before_or_behind_the_names() -> None:
    for top in (b"240 180\nt x y p\n1 1 1 1\n", b"# t x y p\n240,180\n1 1 1 1\n"):
        head = read_head("a.txt", top)
        assert (head.sensor, head.lines) == (Sensor(240, 180), 3)
    assert read_head("a.txt", b"240 180\n240 180\n").lines == 2


@pytest.mark.parametrize("top", [b"t,x,y\n1,2,3\n", b"t,x,y,x\n", b"Dear reader,\n", b'"a"\n'])
def test_other_words_are_refused_at_their_byte(top: bytes) -> None:
    with pytest.raises(FormatError, match=r"a\.txt at byte 2: header does not name") as e:
        read_head("a.txt", b"#\n" + top)
    assert "t, x, y and p" in e.value.hint


def test_every_column_has_names() -> None:
    assert set(COLUMN_NAMES.values()) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("line", "fields", "unit"),
    [
        (b"t_us,x,y,p\n", [0, 1, 2, 3], "us"),
        (b"x,y,p,timestamp_ns\n", [1, 2, 3, 0], "ns"),
        (b"time [ms]; x; y; polarity\n", [0, 1, 2, 3], "ms"),
        (b"# t(s) x y p\n", [0, 1, 2, 3], "s"),
        ("t_µs x y p\n".encode(), [0, 1, 2, 3], "us"),
        (b"timestamps,x,y,p\n", [0, 1, 2, 3], ""),
        (b"camera,t,x,y,p,weight\n", [-1, 0, 1, 2, 3, -1], ""),
        (b"# camera t x y p\n", [0, 1, 2, 3], ""),  # a comment about something else
    ],
)
def test_names_may_state_the_unit_and_stand_among_others(
    line: bytes, fields: list[int], unit: str
) -> None:
    head = read_head("a.csv", line)
    assert head.columns.fields.tolist() == fields
    assert head.columns.unit == unit
    assert not head.columns.audio


@pytest.mark.parametrize("line", [b"t,c\n", b"channel,timestamp_us\n", b"t,address\n"])
def test_a_channel_makes_it_a_cochlea(line: bytes) -> None:
    head = read_head("a.csv", line + b"5,6\n")
    assert head.columns.audio
    assert sorted(head.columns.fields.tolist()) == [0, 1]
    assert (head.sensor, head.start) == (None, len(line))


@pytest.mark.parametrize(
    ("order", "fields", "audio"),
    [
        ("txyp", [0, 1, 2, 3], False),
        ("XYPT", [1, 2, 3, 0], False),
        ("xyt", [1, 2, 0], False),
        ("tc", [0, 1], True),
        ("_c_t", [-1, 1, -1, 0], True),
    ],
)
def test_orders_of_columns(order: str, fields: list[int], audio: bool) -> None:
    columns = columns_of(order)
    assert (columns.fields.tolist(), columns.audio) == (fields, audio)


@pytest.mark.parametrize("order", ["", "txy p", "txyq", "txx", "xyp", "tx", "tcp", "ttxy"])
def test_what_is_no_order_of_columns(order: str) -> None:
    with pytest.raises(InvalidInput, match="no order of columns"):
        columns_of(order)


def test_a_given_order_stands_over_any_header() -> None:
    for line in (b"x,y,p,t\n", b"Event data of today\n", b"# nothing\n", b""):
        head = read_head("a.csv", line + b"5,6,7,1\n", columns_of("txyp"))
        assert head.columns.fields.tolist() == [0, 1, 2, 3]
        assert head.start == len(line)
