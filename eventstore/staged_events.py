"""Events encoded away from the writer, staged in a file until the writer takes them up.

The chunks of a store lie at fixed rows, whatever recordings begin and end in them. Rows that begin
or end inside a chunk are therefore handed over as they are, and what lies between them encoded:

    head | chunk | chunk | … | rest
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstore.codecs import Tier, codecs_of, encode_chunk
from eventstore.durable import PARTIAL
from eventstore.events import Events


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StagedEvents:
    """Some rows of a store, encoded but for their ends.

    Args:
        path: the file with the encoded chunks, columns of one chunk after the other.
        columns: names of the columns.
        sizes: bytes of each column of each chunk.
        first_t: time of the first event of each chunk.
        head: events before the first chunk.
        rest: events after the last.
    """

    path: Path
    columns: tuple[str, ...]
    sizes: np.ndarray
    first_t: np.ndarray
    head: Events
    rest: Events

    def chunks(self) -> Iterator[tuple[Mapping[str, bytes], int]]:
        """Iterate over the chunks: the bytes of each column, and the first time."""
        with self.path.open("rb") as file:
            for sizes, first_t in zip(self.sizes.tolist(), self.first_t.tolist(), strict=True):
                yield dict(zip(self.columns, map(file.read, sizes), strict=True)), first_t

    def discard(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def stage_events(
    path: Path,
    packets: Iterable[Events],
    *,
    first_row: int,
    chunk: int,
    columns: tuple[str, ...],
    tier: Tier,
) -> StagedEvents:
    """Encode events that are to lie from a row on; two doing the same at once do no harm.

    Args:
        path: the file to stage them in; its folder must be there.
        packets: the events.
        first_row: row of the first in the store.
        chunk: events per chunk.
        columns: names of the columns to store.
        tier: tier of the store's codecs.

    Raises:
        OSError: the disk is full or refuses, or the store is gone; nothing is left behind.

    Examples:
        >>> from tempfile import mkdtemp
        >>> rows = stage_events(
        ...     Path(mkdtemp()) / "staged", [Events.of(t=range(10), x=[0] * 10)],
        ...     first_row=2, chunk=4, columns=("t", "c"), tier="archive",
        ... )
        >>> len(rows.head), rows.first_t.tolist(), len(rows.rest)
        (2, [2, 6], 0)
    """
    codecs = codecs_of(tier)
    head = rest = Events.empty()
    sizes: list[list[int]] = []
    first_t: list[int] = []
    before = -first_row % chunk
    own = path.with_name(f".{path.name.strip('.')}-{os.getpid()}-{os.urandom(4).hex()}{PARTIAL}")
    try:
        with own.open("wb") as file:
            for at, table in enumerate(cut_rows(packets, before, chunk)):
                if at == 0 and before:
                    head = table
                elif len(table) < chunk:
                    rest = table
                else:
                    encoded = [encode_chunk(codecs[name], table.column(name)) for name in columns]
                    file.writelines(encoded)
                    sizes.append([len(data) for data in encoded])
                    first_t.append(int(table.t[0]))
        own.replace(path)
    finally:
        own.unlink(missing_ok=True)
    return StagedEvents(
        path=path,
        columns=columns,
        sizes=np.array(sizes, np.int64).reshape(-1, len(columns)),
        first_t=np.array(first_t, np.int64),
        head=head,
        rest=rest,
    )


def cut_rows(packets: Iterable[Events], first: int, size: int) -> Iterator[Events]:
    """Cut packets into tables of ``size`` events, the first of ``first``, the last of what is left.

    Args:
        packets: the events.
        first: length of the first table; of the usual size where 0.
        size: length of the others.

    Examples:
        >>> packets = [Events.of(t=[1, 2, 3], x=[0, 0, 0]), Events.of(t=[4, 5], x=[0, 0])]
        >>> [table.t.tolist() for table in cut_rows(packets, 1, 3)]
        [[1], [2, 3, 4], [5]]
    """
    held: list[Events] = []
    missing = first or size
    for packet in packets:
        at = 0
        while at < len(packet):
            take = min(missing, len(packet) - at)
            held.append(packet[at : at + take])
            at += take
            missing -= take
            if not missing:
                yield held[0] if len(held) == 1 else Events.concatenate(held)
                held, missing = [], size
    if held:
        yield Events.concatenate(held)
