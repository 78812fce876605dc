"""Lines of numbers: what is an event, what is wrong with one, and where."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.readers import text_lines
from eventstore.readers.text_lines import (
    OK,
    _parse_plain_line,
    decode_lines,
    parse_line,
    skip_blank,
)

FIELDS = np.arange(4)


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("1 2 3 1", "OK"),
        ("1,2,3,1 # note", "OK"),
        ("1 2 3", "MISSING_FIELD"),
        ("1 2 3 1 1", "EXTRA_FIELD"),
        ("1 2 3 # 1", "MISSING_FIELD"),
        ("1 2 3 1;x", "EXTRA_FIELD"),
        ("1 2:3 1", "BAD_NUMBER"),
        ("1 2 3 1.", "OK"),
        ("1 2 3 1.5", "BAD_POLARITY"),
        ("1 2 99999 1", "BAD_COORDINATE"),
        ("9e99 2 3 1", "BAD_TIME"),
        ("1 2 3 True", "OK"),
        ("1 2 3 true", "OK"),
        ("1 2 3 trues", "BAD_NUMBER"),
        ("1 2 3 yes", "BAD_NUMBER"),
    ],
)
def test_outcomes_of_lines(line: str, outcome: str) -> None:
    out = np.zeros(4, np.int64)
    for end in ("", "\n", "\r\n"):
        code, _, _ = parse_line(_bytes(line + end), 0, FIELDS, 0, out)
        assert code == getattr(text_lines, outcome)
        assert code != OK or out.tolist() == [1, 2, 3, 1]


def test_blank_lines_and_comments_are_counted() -> None:
    assert skip_blank(_bytes("\n # x\n\t\n5 1"), 0, 1) == (8, 4)
    assert skip_blank(_bytes("# x"), 0, 1)[0] == 3


def test_false_is_off_and_columns_may_be_ignored() -> None:
    out = np.full(4, 7, np.int64)
    line = "anything 5;False,3 2, x y"
    code, _, _ = parse_line(_bytes(line), 0, np.array([-1, 0, 3, 2, 1, -1, -1]), 0, out)
    assert (code, out.tolist()) == (OK, [5, 2, 3, 0])


def test_rows_stop_where_a_line_is_wrong_and_say_where() -> None:
    columns = Events.empty(5).arrays()
    raw = _bytes("# a\n5 1 2 1\n\n6.5 1 2 -1\n7 x 2 1\n")
    n, code, cursor, wrong, pointed = decode_lines(raw, (0, 1), FIELDS, 0, columns)
    assert (n, code, cursor, wrong, pointed) == (2, text_lines.BAD_NUMBER, (24, 5), 26, True)
    assert columns[0][:n].tolist() == [5, 7]
    assert columns[3][:n].tolist() == [1, 0]


NUMBER = st.one_of(
    st.integers(0, 70_000).map(str),
    st.integers(0, 10**20).map(str),
    st.decimals(0, 10**9, places=7).map(str),
    st.sampled_from(["-1", "+3", "1e3", ".5", "5.", "", "x", "true", "00012", "1.5.3", "0.0"]),
)
LINE = st.tuples(st.lists(NUMBER, min_size=2, max_size=5), st.sampled_from([" ", ",", " ; ", "\t"]))


@given(LINE, st.sampled_from(["", "\n", "\r\n", " \n", " # x\n"]), st.sampled_from([6, 3, 0, -3]))
def test_the_short_cut_agrees_with_the_rule(
    line: tuple[list[str], str], end: str, shift: int
) -> None:
    raw = _bytes(line[1].join(line[0]) + end)
    for fields in (FIELDS, np.array([1, 2, -1, 3, 0]), np.array([0, 1])):
        short, full = np.zeros(4, np.int64), np.zeros(4, np.int64)
        code, after, pointed = parse_line(raw, 0, fields, shift, full)
        found = _parse_plain_line(raw, 0, fields, shift, short)
        if found[0] >= 0:
            assert (code, after, pointed) == (OK, *found)
            assert short.tolist() == full.tolist()
