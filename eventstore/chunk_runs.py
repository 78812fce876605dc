"""Check and decode runs of inner chunks in one call, without Python's lock.

One call in place of several a chunk, and of one a column: between calls, two threads wait for the
lock, and for the processor to wake them, as long as they decode. A chunk that is damaged, or packed
in a way that the kernels do not know, is left over for the codec itself, which says what is wrong.
"""

import threading
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, UInt8, UInt64
from numba.core import types
from numba.extending import overload
from numba.np.numpy_support import carray

from eventstore import bitpack_unpack
from eventstore.codecs import CRC_BYTES, RunKind
from eventstore.jit import brief_kernel, inner_kernel, kernel
from eventstore.machine import Untyped, Word, crc32c, pointer_to
from eventstore.pco_decode import decode_two
from eventstore.pco_head import DECODER_WORDS, PADDING, WHOLE, decoders_in

_PACKBITS, _BITPACK, _PCODEC = 0, 1, 2

_CODINGS: dict[RunKind, int] = {"packbits": _PACKBITS, "bitpack": _BITPACK, "pcodec": _PCODEC}

SPARE_BYTES = 1 << 15
"""Room for the tables of a file; one that takes more is left over."""

JOB_NUMBERS = 10
"""Numbers that the kernel is told of a run."""

_of_thread = threading.local()


class CodedRun(NamedTuple):
    """Consecutive chunks of a column, and where their values go.

    Args:
        kind: how the chunks are coded.
        source: bytes that hold the chunks.
        begins: where each chunk begins there; may be nonsense.
        sizes: its size with its checksum; may be nonsense.
        out: int64, uint16 or uint8, in one piece: the values of all these chunks, but for the first
            ``skip`` and what is behind the last one wanted.
        skip: values of the first chunk to leave out.
    """

    kind: RunKind
    source: UInt8[np.ndarray, " bytes"]
    begins: UInt64[np.ndarray, " chunks"]
    sizes: UInt64[np.ndarray, " chunks"]
    out: np.ndarray
    skip: int


def decode_runs(runs: Sequence[CodedRun], *, chunk: int) -> list[list[int]]:
    """Fill the arrays of runs.

    Args:
        runs: of any columns.
        chunk: values in a chunk.

    Returns:
        Which chunks of each run are left over; their values are arbitrary.

    Examples:
        >>> from eventstore.codecs import CODEC_OF_COLUMN, encode_chunk
        >>> t = np.arange(20)
        >>> parts = [encode_chunk(CODEC_OF_COLUMN["t"], t[i : i + 10]) for i in (0, 10)]
        >>> sizes = np.array([len(part) for part in parts], np.uint64)
        >>> source, out = np.frombuffer(b"".join(parts), np.uint8), np.empty(12, np.int64)
        >>> run = CodedRun("pcodec", source, np.cumsum(sizes) - sizes, sizes, out, skip=7)
        >>> decode_runs([run], chunk=10)
        [[]]
        >>> out.tolist() == list(range(7, 19))
        True
    """
    if not runs:
        return []
    jobs = np.empty((len(runs), JOB_NUMBERS), np.int64)
    for job, run in zip(jobs, runs, strict=True):
        _write_job(job, (coding_number(run.kind), run.skip), run[1:4], run.out)
    # The runs hold on to the memory that the jobs tell of until this returns.
    left = decode_jobs(jobs, chunk)
    if not left.any():
        return [[] for _ in runs]
    ends = [0, *accumulate(len(run.begins) for run in runs)]
    return [np.flatnonzero(left[a:b]).tolist() for a, b in pairwise(ends)]


def coding_number(kind: RunKind) -> int:
    """Return what kernels call a coding."""
    return _CODINGS[kind]


def decode_jobs(jobs: Int64[np.ndarray, "runs 10"], chunk: int) -> Bool[np.ndarray, " chunks"]:
    """Decode runs that are told of by addresses; return which of all their chunks are left over.

    Args:
        jobs: of each run its coding; the values of the first chunk to leave out; bytes a value;
            where the bytes are, and how many; where the values go, and how many; where the numbers
            are that say where chunks begin, those that say their sizes, and how many.
        chunk: values in a chunk.
    """
    left = np.empty(int(jobs[:, 9].sum()), np.bool_)
    _decode_jobs(jobs, chunk, _memory(chunk), left)
    return left


@brief_kernel
def _write_job(
    job: np.ndarray,
    what: tuple[int, int],
    stored: tuple[np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
) -> None:
    """Write what `decode_jobs` is told of a run; asking numpy for an address takes 2 µs."""
    source, begins, sizes = stored
    tell_job(
        job,
        (what[0], what[1], out.itemsize),
        (source.ctypes.data, len(source)),
        (out.ctypes.data, len(out)),
        (begins.ctypes.data, sizes.ctypes.data, len(begins)),
    )


@inner_kernel
def tell_job(
    job: np.ndarray,
    coding: tuple[int, int, int],
    source: tuple[int, int],
    into: tuple[int, int],
    places: tuple[int, int, int],
) -> None:
    """Write the numbers of a run in the order that `decode_jobs` says."""
    job[0], job[1], job[2] = coding
    job[3], job[4] = source
    job[5], job[6] = into
    job[7], job[8], job[9] = places


def _memory(chunk: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the memory of this thread: for two decoders, and for two files of so many values."""
    words: np.ndarray | None = getattr(_of_thread, "words", None)
    # pcodec stores what it cannot pack as it is, with a table of some bytes.
    room = 2 * (9 * chunk + SPARE_BYTES + PADDING)
    if words is None:
        # Zeros, for what a damaged file leads to must at least be there.
        words = _of_thread.words = np.zeros(2 * DECODER_WORDS, np.uint64)
        _of_thread.files = np.zeros(0, np.uint8)
    if len(_of_thread.files) < room:
        _of_thread.files = np.zeros(room, np.uint8)
    return words, _of_thread.files


@kernel
def _decode_jobs(
    jobs: Int64[np.ndarray, "runs 10"],
    chunk: int,
    memory: tuple[np.ndarray, np.ndarray],
    left: np.ndarray,
) -> None:
    """Decode runs; see `decode_jobs`."""
    first = 0
    for i in range(len(jobs)):
        coding, width = (jobs[i, 0], jobs[i, 1], chunk), jobs[i, 2]
        source = carray(pointer_to(jobs[i, 3]), jobs[i, 4], np.uint8)
        to, n = pointer_to(jobs[i, 5]), jobs[i, 6]
        begins = carray(pointer_to(jobs[i, 7]), jobs[i, 9], np.uint64)
        chunks = source, begins, carray(pointer_to(jobs[i, 8]), jobs[i, 9], np.uint64)
        part = slice(first, first + jobs[i, 9])
        first += jobs[i, 9]
        if width == 8:
            _decode_either(coding, chunks, carray(to, n, np.int64), memory, left[part])
        elif width == 2:
            _decode_either(coding, chunks, carray(to, n, np.uint16), memory, left[part])
        else:
            _decode_chunks(coding, chunks, carray(to, n, np.uint8), left[part])


@kernel
def _decode_either(
    coding: tuple[int, int, int],
    chunks: tuple[np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
    memory: tuple[np.ndarray, np.ndarray],
    left: np.ndarray,
) -> None:
    """Decode a run of numbers, which either coding may hold."""
    kind, skip, size = coding
    if kind == _PCODEC:
        _decode_pcodec(chunks, out, (skip, size), memory, left)
    else:
        _decode_chunks(coding, chunks, out, left)


@kernel
def _decode_chunks(
    coding: tuple[int, int, int],
    chunks: tuple[np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
    left: np.ndarray,
) -> None:
    """Decode chunks one by one, one that is cut by way of a whole one."""
    kind, skip, size = coding
    whole = out[:0]
    for j in range(len(left)):
        first = j * size - skip
        start, stop = max(first, 0), min(first + size, len(out))
        payload = _payload(chunks, j)
        if len(payload) == 0:
            left[j] = True
        elif stop - start == size:
            left[j] = not _decode(kind, payload, out[start:stop])
        else:
            if len(whole) == 0:
                whole = np.empty(size, out.dtype)
            left[j] = not _decode(kind, payload, whole)
            out[start:stop] = whole[start - first : stop - first]


@kernel
def _decode_pcodec(
    chunks: tuple[np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
    cut: tuple[int, int],
    memory: tuple[np.ndarray, np.ndarray],
    left: np.ndarray,
) -> None:
    """Decode pcodec files two by two; of the last one no more than is wanted."""
    skip, size = cut
    words, files = memory
    decoders = decoders_in(words)
    half = len(files) // 2
    pair = files[:half], files[half:]
    at = 0
    for j in range(0, len(left), 2):
        behind = skip if j == 0 else 0
        into = out[at : min(at + size - behind, len(out))]
        at += len(into)
        beside = out[at : min(at + size, len(out))]
        at += len(beside)
        one, size_one = _file(chunks, j, pair[0])
        two, size_two = _file(chunks, j + 1, pair[1])
        sizes = size_one, size_two
        found = decode_two((one, two), sizes, (into, beside), (behind, 0), decoders)
        left[j] = size_one == 0 or found[0] != WHOLE
        if j + 1 < len(left):
            left[j + 1] = size_two == 0 or found[1] != WHOLE


@kernel
def _file(
    chunks: tuple[np.ndarray, np.ndarray, np.ndarray], j: int, room: np.ndarray
) -> tuple[np.ndarray, Word]:
    """Return a chunk with `PADDING` readable bytes behind it, and its size: 0 if it is not for us.

    Where it does not lie so, it is copied to where there is room; chunks seldom do at a file's end.
    """
    if j == len(chunks[1]):
        return room, 0
    payload = _payload(chunks, j)
    size = len(payload)
    if size == 0 or size > len(room) - PADDING:
        return room, 0
    source, start = chunks[0], np.int64(chunks[1][j])
    if start + size + PADDING <= len(source):
        return source[start:], size
    for i in range(size):
        room[i] = payload[i]
    return room, size


@kernel
def _payload(chunks: tuple[np.ndarray, np.ndarray, np.ndarray], j: int) -> np.ndarray:
    """Return a chunk's bytes without their checksum; none where that does not match."""
    source, begins, sizes = chunks
    begin, size = begins[j], sizes[j]
    end = np.uint64(len(source))
    if size <= np.uint64(CRC_BYTES) or size > end or begin > end - size:
        return source[:0]
    start, stop = np.int64(begin), np.int64(begin + size) - CRC_BYTES
    stated = bitpack_unpack.little_endian(source, stop, CRC_BYTES)
    return source[start:stop] if crc32c(source, start, stop) == stated else source[:0]


def _decode(kind: int, payload: np.ndarray, out: np.ndarray) -> bool:
    """Decode one chunk; return whether that went well. Kernels take what fits the type."""
    message = "kernels alone choose a decoder by type"
    raise TypeError(message)


@overload(_decode, strict=False)
def _choose_decoder(kind: Untyped, payload: Untyped, out: Untyped) -> Untyped:
    if out.dtype == types.int64:
        return _decode_times
    return _decode_numbers if out.dtype == types.uint16 else _decode_flags


def _decode_times(kind: int, payload: np.ndarray, out: np.ndarray) -> bool:
    return bitpack_unpack.decode_int64(payload, out) == bitpack_unpack.WHOLE


def _decode_numbers(kind: int, payload: np.ndarray, out: np.ndarray) -> bool:
    return bitpack_unpack.decode_uint16(payload, out) == bitpack_unpack.WHOLE


def _decode_flags(kind: int, payload: np.ndarray, out: np.ndarray) -> bool:
    if kind == _BITPACK:
        return bitpack_unpack.decode_flags(payload, out) == bitpack_unpack.WHOLE
    return _unpack_bits(payload, out)


@kernel
def _unpack_bits(payload: np.ndarray, out: np.ndarray) -> bool:
    """Store one bit a value, first the most significant; behind a byte about padding."""
    if len(payload) != 1 + (len(out) + 7) // 8:
        return False
    for k in range(len(out) // 8):
        byte = payload[1 + k]
        for bit in range(8):
            out[8 * k + bit] = byte >> (7 - bit) & 1
    for i in range(len(out) // 8 * 8, len(out)):
        out[i] = payload[1 + i // 8] >> (7 - i % 8) & 1
    return True
