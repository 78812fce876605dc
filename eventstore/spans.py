"""Byte ranges: what they mean in a file of some size, and fewer, longer ones that cover them."""

from collections.abc import Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[str, int, int]
"""Key, first byte and the byte after the last, within the file."""

MAX_REQUEST = 8 << 20
"""Neighbours are joined up to so many bytes: what a broken connection costs at most."""


def within(size: int, start: int, stop: int | None) -> tuple[int, int]:
    """Return what a `ByteRange` means in a file of that size.

    Examples:
        >>> within(10, -4, None), within(10, 3, 99), within(10, 12, 14)
        ((6, 10), (3, 10), (10, 10))
    """
    first, last, _ = slice(start, stop).indices(size)
    return first, max(first, last)


def join_spans(spans: Sequence[Span]) -> tuple[list[Span], list[tuple[int, int, int]]]:
    """Join spans of one file that touch or overlap.

    Args:
        spans: in any order.

    Returns:
        The spans to ask for; and for each of ``spans`` which of these holds it, from where to where
        within it.

    Examples:
        >>> join_spans([("a", 4, 6), ("b", 0, 1), ("a", 0, 4)])
        ([('a', 0, 6), ('b', 0, 1)], [(0, 4, 6), (1, 0, 1), (0, 0, 4)])
    """
    joined: list[Span] = []
    places = [(0, 0, 0)] * len(spans)
    for i in sorted(range(len(spans)), key=lambda i: spans[i]):
        key, start, stop = spans[i]
        if joined:
            before, first, last = joined[-1]
            long = max(stop, last) - first > MAX_REQUEST and stop > last
            if before == key and start <= last and not long:
                joined[-1] = (key, first, max(stop, last))
                places[i] = (len(joined) - 1, start - first, stop - first)
                continue
        places[i] = (len(joined), 0, stop - start)
        joined.append((key, start, stop))
    return joined, places
