"""Numbers from bytes: exact, rounded half away from zero, and refused where they are none."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.readers.text_numbers import TOO_LARGE, read_number, scale_number


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
        ("123456789012345678", 123456789012345678, 0, False),
        ("1234567890.12345678", 123456789012345678, -8, True),
        ("-.5e-3", -5, -4, True),
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
    limit = TOO_LARGE
    rounded = int(true.quantize(Decimal(1), ROUND_HALF_UP))
    assert value == rounded or (value == limit and abs(true) > limit / 20)
    assert exact == (true == rounded) or value == limit


@pytest.mark.parametrize(("mantissa", "exponent"), [(10**17, 30), (9 * 10**17, 2), (5, 9999)])
def test_numbers_beyond_the_clock_come_back_as_the_limit(mantissa: int, exponent: int) -> None:
    assert scale_number(mantissa, exponent) == (TOO_LARGE, False)
    assert scale_number(0, 9999) == (0, True)


@given(st.integers(0, 10**25), st.integers(0, 25))
def test_numbers_of_any_length_are_read_to_17_digits(value: int, places: int) -> None:
    text = f"{value:0{places + 1}d}"
    text = f"{text[: len(text) - places]}.{text[len(text) - places :]}"
    mantissa, exponent, after, point = read_number(_bytes(text), 0)
    assert (after, point) == (len(text), True)
    assert Decimal(mantissa).scaleb(exponent) == pytest.approx(Decimal(text), rel=Decimal("1e-16"))
