"""Parse lines of numbers straight from bytes into columns."""

from typing import Any

import numpy as np

from eventstore.jit import kernel
from eventstore.readers.text_numbers import TOO_LARGE, read_number, scale_number

OK, BAD_NUMBER, MISSING_FIELD, EXTRA_FIELD, BAD_TIME, BAD_COORDINATE, BAD_POLARITY = range(7)
"""Outcome of a line."""

T, X, Y, P, IGNORED = 0, 1, 2, 3, -1
"""What a field holds."""

_NEWLINE, _HASH, _POINT = b"\n#."
_MOST_DIGITS = 18

# Unsigned: numba asks of every signed index whether it counts from the end.
_8: Any = np.uint8
_64: Any = np.uint64
_INT: Any = np.int64

_SEPARATES = np.isin(np.arange(256), list(b" \t\r,;"))
_ENDS_FIELD = np.isin(np.arange(256), list(b" \t\r,;\n#"))
_TRUE = np.frombuffer(b"true", np.uint8)
_FALSE = np.frombuffer(b"false", np.uint8)


@kernel
def _judge(field: int, value: int, exact: bool) -> int:
    if field == T:
        return OK if abs(value) < TOO_LARGE else BAD_TIME
    if field == P:
        return OK if exact and -1 <= value <= 1 else BAD_POLARITY
    return OK if exact and 0 <= value <= 65535 else BAD_COORDINATE


@kernel
def _read_word(raw: np.ndarray, at: int, word: np.ndarray) -> int:
    """Return the place behind a word in letters of any case, or -1 where another stands."""
    if at + len(word) > len(raw):
        return -1
    for k in range(len(word)):
        if raw[at + k] | 0x20 != word[k]:
            return -1
    return at + len(word)


@kernel
def _read_polarity(raw: np.ndarray, at: int) -> tuple[int, int]:
    """Read ``true`` or ``false``; the place behind is -1 where neither stands."""
    after = _read_word(raw, at, _TRUE)
    if after >= 0:
        return 1, after
    return 0, _read_word(raw, at, _FALSE)


@kernel
def skip_field(raw: np.ndarray, at: int) -> int:
    """Return the place behind the field that begins here."""
    while at < len(raw) and not _ENDS_FIELD[raw[at]]:
        at += 1
    return at


@kernel
def parse_line(  # noqa: C901 # a branch an outcome
    raw: np.ndarray, at: int, fields: np.ndarray, t_shift: int, out: np.ndarray
) -> tuple[int, int, bool]:
    """Parse the numbers of the line at ``at``.

    Args:
        raw: the bytes.
        at: where the line starts.
        fields: what stands in each field: `T`, `X`, `Y`, `P` or `IGNORED`.
        t_shift: power of ten that makes µs of the stamps: 6 for seconds.
        out: receives t, x, y, p where there is such a field.

    Returns the outcome, where the line ends (or where it is wrong), and whether the stamp has a
    decimal point.
    """
    pointed = False
    for field in fields:
        while at < len(raw) and _SEPARATES[raw[at]]:
            at += 1
        if at >= len(raw) or raw[at] == _NEWLINE or raw[at] == _HASH:
            return MISSING_FIELD, at, pointed
        if field == IGNORED:
            at = skip_field(raw, at)
            continue
        mantissa, exponent, after, point = read_number(raw, at)
        if after < 0 and field == P:
            mantissa, after = _read_polarity(raw, at)
        if after < 0 or not (after == len(raw) or _ENDS_FIELD[raw[after]]):
            return BAD_NUMBER, at, pointed
        exponent += t_shift if field == T else 0
        value, exact = (mantissa, True) if exponent == 0 else scale_number(mantissa, exponent)
        pointed = point if field == T else pointed
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
        return EXTRA_FIELD, at, pointed
    return OK, at, pointed


@kernel
def _parse_plain_line(  # noqa: C901 # in one piece, to be fast
    raw: np.ndarray, start: int, fields: np.ndarray, t_shift: int, out: np.ndarray
) -> tuple[int, bool]:
    """Parse a line of plain digits, stamps with or without a point; twice as fast as `parse_line`.

    Returns where the line ends, or -1 where `parse_line` has to be asked, and whether the stamp has
    a decimal point.
    """
    at, end, pointed = _64(start), _64(len(raw)), False
    for field in fields:
        while at < end and _SEPARATES[raw[at]]:
            at += _64(1)
        value, first, point = 0, at, at
        while at < end:
            digit = _8(raw[at] - _8(48))
            if digit <= _8(9):
                value = value * 10 + _INT(digit)
            elif raw[at] == _POINT and point == first and at > first:
                point = at + _64(1)
            else:
                break
            at += _64(1)
        has_point = point > first
        if at == first or at - first > _64(_MOST_DIGITS) or (has_point and field != T):
            return -1, False
        if field == T:
            pointed = has_point
            exponent = t_shift - (_INT(at - point) if has_point else 0)
            value = scale_number(value, exponent)[0] if exponent != 0 else value
        if value > (TOO_LARGE - 1 if field == T else 1 if field == P else 65535):
            return -1, False
        if field != IGNORED:
            out[field] = value
    while at < end and _SEPARATES[raw[at]]:
        at += _64(1)
    return (_INT(at), pointed) if at == end or raw[at] == _NEWLINE else (-1, False)


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
def decode_lines(
    raw: np.ndarray,
    cursor: tuple[int, int],
    fields: np.ndarray,
    t_shift: int,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> tuple[int, int, tuple[int, int], int, bool]:
    """Fill columns from lines until they are full, the bytes end, or a line is wrong.

    Args:
        raw: the bytes.
        cursor: place and number of the first line.
        fields: what stands in each field of a line.
        t_shift: power of ten that makes µs of the stamps.
        columns: t, x, y, p; without such a field rows are 0 and polarities 1.

    Returns the number of rows, the outcome, place and number of the next line, where it is wrong,
    and whether any stamp had a decimal point.
    """
    t, x, y, p = columns
    values = np.array([0, 0, 0, 1], np.int64)
    at, line = cursor
    n, code, wrong, pointed = 0, OK, -1, False
    while n < len(t):
        at, line = skip_blank(raw, at, line)
        if at >= len(raw):
            break
        end, point = _parse_plain_line(raw, at, fields, t_shift, values)
        if end < 0:
            code, end, point = parse_line(raw, at, fields, t_shift, values)
        if code != OK:
            wrong = end
            break
        t[n], x[n], y[n], p[n] = values[0], values[1], values[2], np.int64(values[3] > 0)
        n += 1
        pointed = pointed or point
        at, line = end + 1, line + 1
    return n, code, (at, line), wrong, pointed
