"""The head of a text file: comments, geometry, and names of columns in any order."""

import pytest

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.text_head import COLUMN_NAMES, read_head


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
    assert (head.start, head.lines, head.order.tolist()) == (start, line, order)
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
