"""Read numbers from bytes exactly: decimals become integers without passing through a float.

A stamp of ``1589163147.368868`` s needs 51 bits and a rounding rule; a float loses both.
"""

import numpy as np

from eventstore.jit import kernel

_PLUS, _MINUS, _POINT, _ZERO, _NINE, _UPPER_E, _LOWER_E = b"+-.09Ee"
_MOST_DIGITS = 18
_DIGITS = 10**17  # a mantissa below this takes one more digit and stays in int64
_POWERS = 10 ** np.arange(19, dtype=np.int64)

TOO_LARGE = 1 << 62
"""What numbers beyond it come back as."""


@kernel
def read_number(raw: np.ndarray, at: int) -> tuple[int, int, int, bool]:
    """Read ``[+-]digits[.digits][e[+-]digits]``.

    Returns mantissa, decimal exponent, the place behind it (-1: no number), and whether it was
    written with a point or an exponent.
    """
    mantissa, after, point = 0, at, -1
    while after < len(raw):
        byte = int(raw[after])
        if _ZERO <= byte <= _NINE:
            mantissa = mantissa * 10 + (byte - _ZERO)
        elif byte == _POINT and point < 0:
            point = after
        else:
            break
        after += 1
    digits = after - at - (1 if point >= 0 else 0)
    plain = after == len(raw) or (raw[after] != _UPPER_E and raw[after] != _LOWER_E)
    if 0 < digits <= _MOST_DIGITS and plain:
        return mantissa, (point + 1 - after if point >= 0 else 0), after, point >= 0
    return _read_any_number(raw, at)


@kernel
def _read_any_number(raw: np.ndarray, at: int) -> tuple[int, int, int, bool]:
    """Read a number with a sign, an exponent, or more digits than an integer holds."""
    end = len(raw)
    negative = False
    if at < end and (raw[at] == _MINUS or raw[at] == _PLUS):
        negative = raw[at] == _MINUS
        at += 1
    mantissa, exponent, digits, point = 0, 0, 0, False
    while at < end:
        byte = int(raw[at])
        if _ZERO <= byte <= _NINE:
            digits += 1
            if mantissa < _DIGITS:
                mantissa = mantissa * 10 + (byte - _ZERO)
                exponent -= 1 if point else 0
            elif not point:
                exponent += 1
        elif byte == _POINT and not point:
            point = True
        else:
            break
        at += 1
    if digits == 0:
        return 0, 0, -1, False
    if at < end and (raw[at] == _UPPER_E or raw[at] == _LOWER_E):
        power, at = _read_power(raw, at + 1)
        exponent, point = exponent + power, True
    return (-mantissa if negative else mantissa), exponent, at, point


@kernel
def _read_power(raw: np.ndarray, at: int) -> tuple[int, int]:
    """Read the signed digits of an exponent; the place is -1 where there are none."""
    end, sign, power, first = len(raw), 1, 0, at
    if at < end and (raw[at] == _MINUS or raw[at] == _PLUS):
        sign = -1 if raw[at] == _MINUS else 1
        at += 1
        first = at
    while at < end and _ZERO <= raw[at] <= _NINE:
        power = min(power * 10 + (int(raw[at]) - _ZERO), 9999)
        at += 1
    return sign * power, (at if at > first else -1)


@kernel
def scale_number(mantissa: int, exponent: int) -> tuple[int, bool]:
    """Return mantissa · 10^exponent rounded half away from zero, and whether that is exact.

    A value beyond 2^62 comes back as 2^62.
    """
    size = abs(mantissa)
    exact = True
    if exponent < -18:
        size, exact = 0, size == 0
    elif exponent < 0:
        unit = _POWERS[-exponent]
        whole, rest = size // unit, size % unit
        exact = rest == 0
        size = whole + (1 if 2 * rest >= unit else 0)
    else:
        for _ in range(min(exponent, 20)):
            if size >= _DIGITS * 4:
                return TOO_LARGE, False
            size *= 10
    return (-size if mantissa < 0 else size), exact
