"""The shape of a dataset or attribute.

    version 1   version 1 | rank 1 | flags 1 | 5 | lengths | limits?
    version 2   version 1 | rank 1 | flags 1 | kind 1: 0 one element, 1 an array, 2 none | …

Limits are lengths it can grow to, all ones where there is none.
"""

from dataclasses import dataclass

from eventstore.readers.hdf5.cursor import Cursor

_NONE = 2
_RANK_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Extent:
    """The lengths of an array.

    Args:
        shape: lengths as they are; none for one element.
        limits: lengths it can grow to; None without limit.
    """

    shape: tuple[int, ...]
    limits: tuple[int | None, ...]


def read_extent(cursor: Cursor) -> Extent:
    """Return the extent that is described next; of length 0 where there is no element at all.

    Raises:
        FormatError: the description is damaged.

    Examples:
        >>> from eventstore.readers.hdf5.cursor import Space
        >>> from eventstore.readers.protocol import ByteSource
        >>> six = bytes([2, 1, 0, 1, 6, 0, 0, 0, 0, 0, 0, 0])
        >>> read_extent(Space(ByteSource("a.h5", memoryview(six))).at(0)).shape
        (6,)
    """
    version, rank, flags, kind = (cursor.uint(1) for _ in range(4))
    if version not in {1, 2} or rank > _RANK_LIMIT:
        cursor.fail("a damaged shape", "version 1 or 2", f"{version}, rank {rank}")
    cursor.skip(4 if version == 1 else 0)
    if version == 2 and kind == _NONE:
        return Extent((0,), (0,))
    shape = tuple(cursor.length() for _ in range(rank))
    if not flags & 1:
        return Extent(shape, shape)
    unlimited = (1 << (8 * cursor.space.length_bytes)) - 1
    limits = [cursor.length() for _ in range(rank)]
    return Extent(shape, tuple(None if limit == unlimited else limit for limit in limits))
