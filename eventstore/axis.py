"""An axis of a store: columns that lie end to end along one dimension and are cut alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from eventstore.codecs import ColumnCodec


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Where the columns of one dimension are stored, and how finely they are cut.

    Args:
        group: the zarr group that holds them, such as ``"events"`` or ``"side/imu"``.
        dimension: name of the dimension, such as ``"event"``.
        codecs: codec of each column, in the canonical order.
        chunk: rows per inner chunk, the unit of decoding.
        shard: rows per shard file; a whole number of chunks.

    Examples:
        >>> from eventstore.codecs import CODEC_OF_COLUMN
        >>> axis = Axis(group="events", dimension="event", codecs=CODEC_OF_COLUMN, chunk=4, shard=8)
        >>> axis.slots, axis.n_chunks(9), axis.key("t", 1)
        (2, 3, 'events/t/c/1')
    """

    group: str
    dimension: str
    codecs: Mapping[str, ColumnCodec]
    chunk: int
    shard: int

    @property
    def slots(self) -> int:
        """Inner chunks per shard."""
        return self.shard // self.chunk

    def n_chunks(self, n: int) -> int:
        """Return how many inner chunks so many rows fill."""
        return -(-n // self.chunk)

    def n_shards(self, n: int) -> int:
        """Return how many shards so many rows fill."""
        return -(-n // self.shard)

    def key(self, column: str, shard: int) -> str:
        """Return the key of a shard file of a column."""
        return f"{self.group}/{column}/c/{shard}"
