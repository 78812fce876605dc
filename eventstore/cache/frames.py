"""Frames as they are kept: sparse, bit-packed, written straight into a batch's buffer.

table     int64[samples, 8], see `eventstore.cache.sparse`; places count from the content's start
streams   of each sample: places, values, high parts of counts where there are any
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np
from jaxtyping import Float32, Int64, Shaped, UInt8

from eventstore import bitpack
from eventstore.cache.sealed import padded
from eventstore.cache.sparse import (
    DAMAGED,
    DONE,
    N_COLUMNS,
    OVERFLOW,
    count_frames,
    gather_nonzero,
    scatter_counts,
    scatter_real,
    take_table,
)
from eventstore.errors import IntegrityError, InvalidInput
from eventstore.sample_memory import where_of
from eventstore.transforms.binning import largest_count

LARGEST = 1 << 24
"""The largest count that float32 holds, and all below it, exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameBlock:
    """The frames of a block's samples, or of several blocks', as they are kept.

    Args:
        data: the bytes that the table tells of, which live as long as it does.
        table: a row a sample, see `eventstore.cache.sparse`; its places are addresses.
        real: they are real numbers, not counts.
        shape: ``(P, H, W)`` of a frame.
        ids: ids of the samples, for messages.

    Attributes:
        spans_at: where the table begins in memory.
    """

    data: UInt8[np.ndarray, " n"]
    table: Int64[np.ndarray, "samples columns"]
    real: bool
    shape: tuple[int, ...]
    ids: Sequence[str]
    spans_at: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans_at", self.table.ctypes.data)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.table)

    @property
    def lengths(self) -> Int64[np.ndarray, " samples"]:
        """Number of frames each sample fills."""
        return self.table[:, 0]


class Scratch:
    """Memory for the places and values of one sample after another."""

    def __init__(self) -> None:
        self._places = np.empty(0, np.int64)
        self._values = np.empty(0, np.uint32)

    def nonzero(
        self, frames: Float32[np.ndarray, "t p h w"]
    ) -> tuple[Int64[np.ndarray, " n"], Float32[np.ndarray, " n"]]:
        """Return the places of elements with a bit set and their values, until the next call.

        Examples:
            >>> places, values = Scratch().nonzero(np.array([0, 2.5, 0, 1], np.float32))
            >>> places.tolist(), values.tolist()
            ([1, 3], [2.5, 1.0])
        """
        bits = np.ascontiguousarray(frames, np.float32).reshape(-1).view(np.uint32)
        if len(self._places) <= len(bits):  # one to spare: the kernel writes before it decides
            self._places = np.empty(len(bits) + 1, np.int64)
            self._values = np.empty(len(bits) + 1, np.uint32)
        n = gather_nonzero(bits, self._places, self._values)
        return self._places[:n], self._values[:n].view(np.float32)


def encode_frames(samples: Iterable[Float32[np.ndarray, "t p h w"]], *, real: bool) -> list[bytes]:
    """Return the parts of the content of a block's file.

    Args:
        samples: the frames of each, exactly as many as it fills.
        real: they are real numbers; otherwise counts up to 2^24.

    Raises:
        InvalidInput: a count is none.
    """
    rows, parts, scratch = [], [], Scratch()
    for frames in samples:
        places, values = scratch.nonzero(frames)
        low, high = (values.tobytes(), b"") if real else _encode_counts(values)
        streams = [bitpack.encode(places), low, high]
        rows.append([len(frames), len(places), *map(len, streams)])
        parts += streams
    sizes = np.array(rows, np.int64).reshape(-1, 5)
    table = np.zeros((len(sizes), N_COLUMNS), np.int64)
    table[:, :2], table[:, 3::2] = sizes[:, :2], sizes[:, 2:]
    room = padded(sizes[:, 2:])
    table[:, 2::2] = table.nbytes + np.cumsum(room).reshape(-1, 3) - room
    return [table.astype("<i8").tobytes(), *parts]


def decode_frames(
    data: UInt8[np.ndarray, " n"], *, real: bool, shape: tuple[int, ...], ids: Sequence[str]
) -> FrameBlock:
    """Return the frames that a file's content holds; nothing is unpacked yet.

    Args:
        data: the content.
        real: they are real numbers, not counts.
        shape: ``(P, H, W)`` of a frame.
        ids: ids of the samples.

    Raises:
        IntegrityError: the table points elsewhere.

    Examples:
        >>> frames = np.zeros((3, 2, 4, 4), np.float32)
        >>> frames[1, 0, 2, 3] = 70_000
        >>> parts = encode_frames([frames, frames[:2]], real=False)
        >>> data = np.frombuffer(b"".join(p.ljust(padded(len(p)), b"0") for p in parts), np.uint8)
        >>> block = decode_frames(data, real=False, shape=(2, 4, 4), ids=("a", "b"))
        >>> out = np.empty((1, 3, 2, 4, 4), np.float32)
        >>> write_frames([(block, 1)], out)
        >>> block.lengths.tolist(), float(out.sum()), float(out[0, 1, 0, 2, 3])
        ([3, 2], 70000.0, 70000.0)
    """
    table = np.empty((len(ids), N_COLUMNS), np.int64)
    if len(data) < table.nbytes:
        message = f"{len(data)} bytes have no room for a table of {len(ids)} samples"
        raise IntegrityError(message)
    if not take_table(data, 0, len(data), table):
        message = "the table of samples points outside the file"
        raise IntegrityError(message)
    return FrameBlock(data, table, real, shape, ids)


def frame_lengths(sources: Sequence[tuple[FrameBlock, int]]) -> Int64[np.ndarray, " b"]:
    """Return the number of frames that each sample of a batch fills.

    Args:
        sources: the block of each sample, and its place there.
    """
    lengths = np.empty(len(sources), np.int64)
    count_frames(where_of(sources), lengths)
    return lengths


def write_frames(
    sources: Sequence[tuple[FrameBlock, int]], out: Shaped[np.ndarray, "b t p h w"]
) -> None:
    """Write every element of a batch; frames past a sample's own are zero. Releases the GIL.

    Args:
        sources: the block of each sample, and its place there; all of one pipeline.
        out: where they go, contiguous; float32 for real numbers.

    Raises:
        InvalidInput: a count does not fit the type of ``out``, or the array is not contiguous or
            too short.
        IntegrityError: the bytes are damaged.
    """
    if not sources:
        return
    if not out.flags.c_contiguous:
        message = f"the array of shape {out.shape} is not contiguous"
        raise InvalidInput(message, hint="give an array of its own")
    where, rows = where_of(sources), out.reshape(len(out), -1)
    block, cells = sources[0][0], prod(sources[0][0].shape)
    # The blocks are held by ``sources`` until the kernel returns.
    if block.real:
        code, row, place = scatter_real(where, cells, rows)
    else:
        code, row, place = scatter_counts(where, cells, rows, largest_count(out))
    if code == OVERFLOW:
        raise _overflow(sources[row], int(place), out.dtype)
    if code == DAMAGED:
        block, i = sources[row]
        message = f"the kept frames of sample {block.ids[i]!r} are damaged"
        raise IntegrityError(message, hint="spikelake cache clear")
    if code != DONE:
        block, i = sources[row]
        message = (
            f"sample {block.ids[i]!r} fills {block.lengths[i]} frames, the array has {out.shape[1]}"
        )
        raise InvalidInput(message, hint="give it as many as the longest sample fills")


def _encode_counts(values: Float32[np.ndarray, " n"]) -> tuple[bytes, bytes]:
    """Return the low 16 bits of counts, and the high ones where there are any."""
    whole = (values >= 0) & (values <= LARGEST) & (values == np.floor(values))
    if not whole.all():
        message = f"frames that are said to be counts hold {values[~whole][0]}"
        raise InvalidInput(message, hint="let out_spec say real=True")
    counts = values.astype(np.uint32)
    high = (counts >> 16).astype(np.uint16)
    return bitpack.encode(counts.astype(np.uint16)), bitpack.encode(high) if high.any() else b""


def _overflow(source: tuple[FrameBlock, int], place: int, dtype: np.dtype) -> InvalidInput:
    block, i = source
    frame, p, y, x = np.unravel_index(place, (int(block.lengths[i]), *block.shape))
    message = (
        f"frame {frame} of sample {block.ids[i]!r} counts more than {np.iinfo(dtype).max} events "
        f"on pixel x={x}, y={y}, p={p}, which {dtype} cannot hold"
    )
    wider = 'dtype="float32" or "uint16"' if dtype == np.uint8 else 'dtype="float32"'
    return InvalidInput(message, hint=f"use {wider}, or more and shorter frames")
