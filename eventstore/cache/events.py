"""Events as they are kept for the random transforms that follow: columns in the fast tier's codec.

table     int64: at and size in bytes of the columns t x y p, from the content's start
offsets   int64, one more than there are samples
windows   int64: the first µs of each sample's window, then the first µs after each
columns   bit-packed
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from eventstore.cache.sealed import padded
from eventstore.codecs import codecs_of
from eventstore.errors import IntegrityError, InvalidInput
from eventstore.events import Events
from eventstore.transforms.batch import EventBatch

COLUMNS = "txyp"

CODECS = codecs_of("fast")

TABLE_BYTES = 2 * len(COLUMNS) * 8


def encode_events(batch: EventBatch) -> list[bytes]:
    """Return the parts of the content of a block's file.

    Args:
        batch: the block's samples.

    Raises:
        InvalidInput: a polarity is neither 0 nor 1.
    """
    events = batch.events
    if events.p.max(initial=0) > 1:
        message = f"polarity {events.p.max()} is neither 0 nor 1"
        raise InvalidInput(message, hint="mend the transform that made it")
    bounds = np.concatenate([batch.offsets, batch.t_start, batch.t_stop]).astype("<i8").tobytes()
    columns = [CODECS[name].encode(events.column(name)) for name in COLUMNS]
    sizes = np.array([len(column) for column in columns], np.int64)
    room = padded(sizes)
    at = TABLE_BYTES + len(bounds) + np.cumsum(room) - room
    table = np.stack([at, sizes], axis=1)
    return [table.astype("<i8").tobytes(), bounds, *columns]


def decode_events(data: UInt8[np.ndarray, " n"], ids: tuple[str, ...]) -> EventBatch:
    """Return the events that a file's content holds. Releases the GIL.

    Args:
        data: the content.
        ids: ids of the samples.

    Raises:
        IntegrityError: the bytes are no such events.

    Examples:
        >>> events = Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])
        >>> batch = EventBatch.of([events, events[:1]], t_start=[0, 0], t_stop=[10, 10])
        >>> parts = encode_events(batch)
        >>> data = np.frombuffer(b"".join(p.ljust(padded(len(p)), b"0") for p in parts), np.uint8)
        >>> decode_events(data, ("a", "b")).sample(1).t.tolist()
        [5]
    """
    n = len(ids)
    numbers = data[: len(data) // 8 * 8].view("<i8").astype(np.int64, copy=False)
    stop = TABLE_BYTES // 8 + 3 * n + 1
    if len(numbers) < stop:
        message = f"{len(data)} bytes have no room for the bounds of {n} samples"
        raise IntegrityError(message)
    table = numbers[: TABLE_BYTES // 8].reshape(-1, 2)
    offsets, t_start, t_stop = np.split(numbers[TABLE_BYTES // 8 : stop], [n + 1, 2 * n + 1])
    columns = []
    for name, (at, size) in zip(COLUMNS, table.tolist(), strict=True):
        column = np.empty(int(offsets[-1]), CODECS[name].dtype)
        CODECS[name].decode_into(data[at : at + size].tobytes(), column)
        columns.append(column)
    return EventBatch(Events(*columns), offsets, t_start, t_stop, ids)


def gather_events(sources: Sequence[tuple[EventBatch, int]]) -> EventBatch:
    """Lay samples of several blocks end to end, with their windows and ids.

    Args:
        sources: the block of each sample, and its place there.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[5], x=[1])], t_start=[3], t_stop=[10], ids=["a"])
        >>> gather_events([(batch, 0), (batch, 0)]).t_start.tolist()
        [3, 3]
    """
    return EventBatch.of_spans(
        [(block.events, int(block.offsets[i]), int(block.offsets[i + 1])) for block, i in sources],
        t_start=np.array([block.t_start[i] for block, i in sources], np.int64),
        t_stop=np.array([block.t_stop[i] for block, i in sources], np.int64),
        ids=tuple(block.ids[i] for block, i in sources),
    )
