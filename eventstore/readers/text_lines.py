"""Parse lines of numbers straight from bytes, exactly: decimals become integers without a float.

A stamp of ``1589163147.368868`` s needs 51 bits and a rounding rule; a float loses both.
"""

import numpy as np

from eventstore.jit import kernel

OK, BAD_NUMBER, BAD_COUNT, BAD_TIME, BAD_COORDINATE, BAD_POLARITY = range(6)
"""Outcome of a line."""

_NEWLINE, _HASH, _PLUS, _MINUS, _POINT, _ZERO, _NINE, _UPPER_E, _LOWER_E = b"\n#+-.09Ee"
_SEPARATES = np.isin(np.arange(256), list(b" \t\r,;"))
_ENDS_NUMBER = np.isin(np.arange(256), list(b" \t\r,;\n#"))
_DIGITS = 10**17  # a mantissa below this takes one more digit and stays in int64
_NO_TIME = 1 << 62
_POWERS = 10 ** np.arange(19, dtype=np.int64)


@kernel
def read_number(raw: np.ndarray, at: int) -> tuple[int, int, int, bool]:
    """Read ``[+-]digits[.digits][e[+-]digits]``.

    Returns mantissa, decimal exponent, the place behind it (-1: no number), and whether it was
    written with a point or an exponent.
    """
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
                return _NO_TIME, False
            size *= 10
    return (-size if mantissa < 0 else size), exact


@kernel
def _judge(field: int, value: int, exact: bool) -> int:
    if field == 0:
        return OK if abs(value) < _NO_TIME else BAD_TIME
    if field == 3:
        return OK if exact and -1 <= value <= 1 else BAD_POLARITY
    return OK if exact and 0 <= value <= 65535 else BAD_COORDINATE


@kernel
def parse_line(
    raw: np.ndarray, at: int, order: np.ndarray, t_shift: int, out: np.ndarray
) -> tuple[int, int, bool]:
    """Parse the four numbers of the line at ``at`` into ``out`` as t, x, y, p.

    Args:
        raw: the bytes.
        at: where the line starts.
        order: which of t, x, y, p (0 … 3) stands in each of the four fields.
        t_shift: power of ten that makes µs of the stamps: 6 for seconds.
        out: the four values.

    Returns the outcome, where the line ends (or where it is wrong), and whether the stamp has a
    decimal point.
    """
    pointed = False
    for column in range(4):
        while at < len(raw) and _SEPARATES[raw[at]]:
            at += 1
        if at >= len(raw) or raw[at] == _NEWLINE or raw[at] == _HASH:
            return BAD_COUNT, at, pointed
        field = order[column]
        mantissa, exponent, after, point = read_number(raw, at)
        if after < 0 or not (after == len(raw) or _ENDS_NUMBER[raw[after]]):
            return BAD_NUMBER, at, pointed
        exponent += t_shift if field == 0 else 0
        value, exact = (mantissa, True) if exponent == 0 else scale_number(mantissa, exponent)
        pointed = point if field == 0 else pointed
        code = _judge(field, value, exact)
        if code != OK:
            return code, at, pointed
        out[field] = value
        at = after
    while at < len(raw) and _SEPARATES[raw[at]]:
        at += 1
    if at < len(raw) and raw[at] == _HASH:
        at = skip_line(raw, at)
    if at < len(raw) and raw[at] != _NEWLINE:
        return BAD_COUNT, at, pointed
    return OK, at, pointed


@kernel
def skip_line(raw: np.ndarray, at: int) -> int:
    """Return the place of the newline that ends the line, or the end."""
    while at < len(raw) and raw[at] != _NEWLINE:
        at += 1
    return at


@kernel
def skip_blank(raw: np.ndarray, at: int, line: int) -> tuple[int, int]:
    """Skip empty lines and ``#`` comments; return the place and number of the next full line."""
    while at < len(raw):
        start = at
        while start < len(raw) and _SEPARATES[raw[start]]:
            start += 1
        if start < len(raw) and raw[start] == _HASH:
            start = skip_line(raw, start)
        elif start < len(raw) and raw[start] != _NEWLINE:
            return at, line
        at = start + 1
        line += 1
    return len(raw), line


@kernel
def scan_lines(
    raw: np.ndarray, cursor: tuple[int, int], order: np.ndarray, limits: tuple[int, int]
) -> np.ndarray:
    """Parse every line without keeping it.

    Returns outcome, place and number of the first bad line; then the number of events, the largest
    x and y, whether any stamp has a decimal point, and the smallest and largest stamp in whole
    units.
    """
    at, line = cursor
    n, x_max, y_max, pointed, t_min, t_max = 0, -1, -1, False, _NO_TIME, -_NO_TIME
    values = np.zeros(4, np.int64)
    code, bad = OK, at
    while True:
        at, line = skip_blank(raw, at, line)
        if at >= len(raw):
            break
        code, bad, point = parse_line(raw, at, order, 0, values)
        if code == OK and (values[1] >= limits[0] or values[2] >= limits[1]):
            code, bad = BAD_COORDINATE, at
        if code != OK:
            break
        n += 1
        x_max, y_max = max(x_max, values[1]), max(y_max, values[2])
        t_min, t_max = min(t_min, values[0]), max(t_max, values[0])
        pointed = pointed or point
        at, line = bad + 1, line + 1
    return np.array([code, bad, line, n, x_max, y_max, np.int64(pointed), t_min, t_max])


@kernel
def decode_lines(
    raw: np.ndarray,
    at: int,
    order: np.ndarray,
    t_shift: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int]:
    """Fill columns from lines that were scanned before; return the count and the next place."""
    t, x, y, p = columns
    values = np.zeros(4, np.int64)
    n = 0
    while n < len(t):
        at, _ = skip_blank(raw, at, 0)
        if at >= len(raw):
            break
        _, end, _ = parse_line(raw, at, order, t_shift, values)
        t[n], x[n], y[n], p[n] = values[0], values[1], values[2], np.int64(values[3] > 0)
        n += 1
        at = end + 1
    return n, at
