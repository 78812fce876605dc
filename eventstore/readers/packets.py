"""Memory for packets, in one block, so that the system hands it out in large pages."""

import numpy as np

from eventstore.events import COLUMN_DTYPES, Events

ROW_BYTES = sum(dtype.itemsize for dtype in COLUMN_DTYPES)


def new_packet(n: int) -> Events:
    """Return a packet of arbitrary contents to be filled.

    Its columns lie behind each other. A page fault every 4 KiB costs as much as decoding; numpy
    asks for large pages from 4 MiB on, which a packet's columns one by one do not reach.

    Args:
        n: number of events.

    Examples:
        >>> [column.dtype.name for column in new_packet(3)]
        ['int64', 'uint16', 'uint16', 'uint8']
    """
    block, at, columns = np.empty(n * ROW_BYTES, np.uint8), 0, []
    for dtype in COLUMN_DTYPES:
        columns.append(block[at : at + n * dtype.itemsize].view(dtype))
        at += n * dtype.itemsize
    t, x, y, p = columns
    return Events(t, x, y, p)
