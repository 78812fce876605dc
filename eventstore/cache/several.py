"""Blocks of frames read together: one kernel checks their files and joins their tables.

One file after the other, Python takes as long for the checks of a small block as unpacking it does.
"""

import numpy as np
from jaxtyping import Int64

from eventstore.bitpack_unpack import Int, little_endian
from eventstore.cache.sealed import CRC, HEAD, Head
from eventstore.cache.small_files import ReadFiles
from eventstore.cache.sparse import N_COLUMNS, take_table
from eventstore.jit import kernel
from eventstore.machine import crc32c, load_word

HEAD_BYTES, CRC_BYTES = HEAD.size, CRC.size

SAMPLES, BLOCK, SIZE = 1, 6, 7
"""Words of a head that differ from block to block; the first one's upper half."""


def join_tables(
    files: ReadFiles, head: Head, blocks: Int64[np.ndarray, "n 2"]
) -> tuple[Int64[np.ndarray, "samples columns"], list[bool]]:
    """Return one table of the samples of all files that are whole, and which of them are.

    The rows of a file that is not whole are arbitrary.

    Args:
        files: the files, or what was found of them.
        head: what they are of, whatever its block and number of samples.
        blocks: of each file the number of its block, and how many samples that has.
    """
    plain = Head(kind=head.kind, key=head.key, block=0, n_samples=0).pack(0)
    table = np.empty((int(blocks[:, 1].sum()), N_COLUMNS), np.int64)
    whole = np.empty(len(blocks), np.bool_)
    _join(files.data, files.at, files.sizes, blocks, np.frombuffer(plain, "<u8"), table, whole)
    return table, whole.tolist()


@kernel
def _join(  # noqa: PLR0917 # a kernel takes plain arrays
    data: np.ndarray,
    at: np.ndarray,
    sizes: np.ndarray,
    blocks: np.ndarray,
    head: np.ndarray,
    table: np.ndarray,
    whole: np.ndarray,
) -> None:
    row = 0
    for i in range(len(blocks)):
        start, stop = at[i] + HEAD_BYTES, at[i] + sizes[i] - CRC_BYTES
        rows = table[row : row + blocks[i, 1]]
        whole[i] = _is_sealed(data, (at[i], sizes[i]), head, blocks[i]) and take_table(
            data, start, stop, rows
        )
        row += blocks[i, 1]


@kernel
def _is_sealed(
    data: np.ndarray, place: tuple[Int, Int], head: np.ndarray, block: np.ndarray
) -> bool:
    """Say whether a file is of a block of so many samples, and its checksum right."""
    at, size = place
    if size < HEAD_BYTES + CRC_BYTES:
        return False
    for k in range(len(head)):
        expected = head[k]
        if k == SAMPLES:
            expected |= np.uint64(block[1]) << np.uint64(32)
        elif k == BLOCK:
            expected = np.uint64(block[0])
        elif k == SIZE:
            expected = np.uint64(size)
        if load_word(data, np.uint64(at + 8 * k)) != expected:
            return False
    end = at + size - CRC_BYTES
    return bool(crc32c(data, at, end) == little_endian(data, end, CRC_BYTES))
