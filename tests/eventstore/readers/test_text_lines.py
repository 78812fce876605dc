"""Numbers from bytes: exact, rounded half away from zero, and refused where they are none."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers import text_lines
from eventstore.readers.text_lines import OK, parse_line, read_number, scale_number, skip_blank


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


@pytest.mark.parametrize(
    ("text", "mantissa", "exponent", "point"),
    [
        ("0", 0, 0, False),
        ("-17", -17, 0, False),
        ("+1.50", 150, -2, True),
        (".5", 5, -1, True),
        ("5.", 5, 0, True),
        ("2e3", 2, 3, True),
        ("2.5E-07", 25, -8, True),
        ("123456789012345678901", 123456789012345678, 3, False),
        ("0.1234567890123456789", 123456789012345678, -18, True),
    ],
)
def test_numbers(text: str, mantissa: int, exponent: int, point: bool) -> None:
    assert read_number(_bytes(text), 0) == (mantissa, exponent, len(text), point)
    assert read_number(_bytes(f" {text} 7"), 1)[2] == 1 + len(text)


@pytest.mark.parametrize("text", ["", "-", ".", "x", "1e", "1e+", "-e5", " 1"])
def test_no_numbers(text: str) -> None:
    assert read_number(_bytes(text), 0)[2] == -1


@given(st.integers(-(10**17), 10**17), st.integers(-25, 3))
def test_scaling_rounds_half_away_from_zero_and_knows_when_it_did(
    mantissa: int, exponent: int
) -> None:
    true = Decimal(mantissa).scaleb(exponent)
    value, exact = scale_number(mantissa, exponent)
    limit = 1 << 62
    rounded = int(true.quantize(Decimal(1), ROUND_HALF_UP))
    assert value == rounded or (value == limit and abs(true) > limit / 20)
    assert exact == (true == rounded) or value == limit


@pytest.mark.parametrize(("mantissa", "exponent"), [(10**17, 30), (9 * 10**17, 2), (5, 9999)])
def test_numbers_beyond_the_clock_come_back_as_the_limit(mantissa: int, exponent: int) -> None:
    assert scale_number(mantissa, exponent) == (1 << 62, False)
    assert scale_number(0, 9999) == (0, True)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("1 2 3 1", "OK"),
        ("1,2,3,1 # note", "OK"),
        ("1 2 3", "BAD_COUNT"),
        ("1 2 3 1 1", "BAD_COUNT"),
        ("1 2 3 # 1", "BAD_COUNT"),
        ("1 2 3 1;x", "BAD_COUNT"),
        ("1 2:3 1", "BAD_NUMBER"),
        ("1 2 3 1.", "OK"),
        ("1 2 3 1.5", "BAD_POLARITY"),
        ("1 2 99999 1", "BAD_COORDINATE"),
        ("9e99 2 3 1", "BAD_TIME"),
    ],
)
def test_outcomes_of_lines(line: str, outcome: str) -> None:
    out = np.zeros(4, np.int64)
    for end in ("", "\n", "\r\n"):
        code, _, _ = parse_line(_bytes(line + end), 0, np.arange(4), 0, out)
        assert code == getattr(text_lines, outcome)
        assert code != OK or out.tolist() == [1, 2, 3, 1]


def test_blank_lines_and_comments_are_counted() -> None:
    assert skip_blank(_bytes("\n # x\n\t\n5 1"), 0, 1) == (8, 4)
    assert skip_blank(_bytes("# x"), 0, 1)[0] == 3
