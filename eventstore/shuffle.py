"""Shuffling in blocks: an exact permutation that reads the store in long runs.

The samples, in the order they are stored, are cut into blocks of ``block_size``. An epoch permutes
the blocks, pools ``blocks_in_flight`` of them at a time, and permutes the samples of each pool. So
a reader holds one pool and reads whole blocks, yet every sample is served exactly once an epoch.

Everything is a function of (seed, epoch) alone. Keys come from sha256 and words from the Philox
counter generator, whose raw output numpy guarantees never to change (its ``permutation`` may): an
epoch's order is the same on every machine and under every version, and a golden test holds it.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt64

from eventstore.errors import InvalidInput
from eventstore.events import EVENT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockOrder:
    """The order of one epoch, any part of which is computed without the rest.

    Args:
        n: number of samples.
        block_size: samples a block; the last block of the store may have fewer.
        blocks_in_flight: blocks a pool; 1 permutes within blocks only.
        seed: chosen by the user.
        epoch: which pass over the data.
        shuffle: False keeps the order of the store.

    Raises:
        InvalidInput: a size below 1, or a negative number of samples.

    Examples:
        >>> order = BlockOrder(n=10, block_size=2, blocks_in_flight=2, seed=0, epoch=0)
        >>> sorted(order.rows().tolist()) == list(range(10))
        True
    """

    n: int
    block_size: int
    blocks_in_flight: int
    seed: int = 0
    epoch: int = 0
    shuffle: bool = True

    def __post_init__(self) -> None:
        for name, least in (("n", 0), ("block_size", 1), ("blocks_in_flight", 1)):
            if getattr(self, name) < least:
                message = f"{name}={getattr(self, name)} is below {least}"
                raise InvalidInput(message, hint="leave it out for a size fit to the samples")

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return -(-self.n // self.block_size)

    @property
    def n_pools(self) -> int:
        """Number of pools."""
        return -(-self.n_blocks // self.blocks_in_flight)

    def blocks(self) -> Int64[np.ndarray, " blocks"]:
        """Return the blocks in the order they are read."""
        if not self.shuffle:
            return np.arange(self.n_blocks, dtype=np.int64)
        return permutation(self.n_blocks, self.seed, self.epoch, "blocks")

    def pool(self, k: int, blocks: Int64[np.ndarray, " blocks"]) -> Int64[np.ndarray, " samples"]:
        """Return the samples of pool ``k`` in the order they are served.

        Args:
            k: which pool, 0 … n_pools - 1.
            blocks: what `blocks` returned.
        """
        mine = blocks[k * self.blocks_in_flight : (k + 1) * self.blocks_in_flight]
        samples = (mine[:, None] * self.block_size + np.arange(self.block_size)).ravel()
        samples = samples[samples < self.n]
        if not self.shuffle:
            return samples
        order = permutation(len(samples), self.seed, self.epoch, f"pool {k}")
        shuffled: np.ndarray = samples[order]
        return shuffled

    def rows(self) -> Int64[np.ndarray, " n"]:
        """Return the whole epoch's order: a permutation of 0 … n - 1."""
        blocks = self.blocks()
        pools = [self.pool(k, blocks) for k in range(self.n_pools)]
        return np.concatenate([np.empty(0, np.int64), *pools])


def permutation(n: int, seed: int, epoch: int, what: str) -> Int64[np.ndarray, " n"]:
    """Return a permutation of 0 … n - 1 that depends on nothing but the arguments, for ever.

    Args:
        n: how many.
        seed: chosen by the user.
        epoch: which pass over the data.
        what: what is permuted, so that two permutations of an epoch are independent.

    Examples:
        >>> permutation(5, seed=0, epoch=0, what="blocks").tolist()
        [3, 4, 1, 0, 2]
    """
    # Sorting n random words; equal words, one chance in 2^64 a pair, keep their order.
    return np.argsort(random_words(n, seed, epoch, what), kind="stable").astype(np.int64)


def random_words(n: int, seed: int, epoch: int, what: str) -> UInt64[np.ndarray, " n"]:
    """Return n random words that depend on nothing but the arguments, for ever.

    Args:
        n: how many.
        seed: chosen by the user.
        epoch: which pass over the data.
        what: what they decide, so that two decisions of an epoch are independent.

    Examples:
        >>> [hex(word)[:6] for word in random_words(2, seed=0, epoch=0, what="blocks").tolist()]
        ['0xc2d4', '0xa1df']
    """
    text = f"shuffle {seed} {epoch} {what}"
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")
    words: np.ndarray = np.random.Philox(key=key).random_raw(n)
    return words


MEMORY_BYTES = 2 * EVENT_BYTES << 23
"""Memory for the events read ahead, where none is given: 208 MiB."""


def plan_blocks(
    n_samples: int,
    n_events: int,
    block_size: int | None = None,
    *,
    memory_bytes: int = MEMORY_BYTES,
) -> tuple[int, int]:
    """Return ``(block_size, blocks_in_flight)`` fit to samples of this mean size.

    A block is about 2^17 events: the chunks shared with its neighbours add a 16th to the reading
    of small samples, and large samples, which fill many chunks each, are shuffled one by one.
    Blocks are no larger because stores are often sorted by class: a pool of few long blocks would
    have few classes. Up to two pools are held, so a pool is what half the memory holds, and a block
    at most an eighth of a pool.

    Args:
        n_samples: number of samples.
        n_events: number of events of them all.
        block_size: samples a block, where that is chosen already.
        memory_bytes: memory for the events of all blocks held at a time.

    Raises:
        InvalidInput: no memory at all.

    Examples:
        >>> plan_blocks(60_000, 60_000 * 4_100), plan_blocks(1_000, 1_000 * 400_000)
        ((31, 66), (1, 20))
    """
    if memory_bytes < 1:
        message = f"memory_bytes={memory_bytes} is below 1"
        raise InvalidInput(message, hint="leave it out for 208 MiB, or give some megabytes")
    mean = max(1, n_events // max(1, n_samples))
    pool = memory_bytes // (2 * EVENT_BYTES)
    most = min(1 << 17, pool // 8)
    size = block_size if block_size is not None else min(max(most // mean, 1), 1 << 10)
    return size, max(pool // (mean * max(size, 1)), 1)
