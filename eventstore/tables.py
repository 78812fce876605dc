"""The small arrays beside the events: one zarr chunk per file, ``bytes|vlen-utf8 → zstd → crc32c``.

vlen-utf8: number of items u32, then per item its length u32 and its UTF-8 bytes; little-endian
"""

import struct
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from numcodecs.zstd import Zstd

from eventstore.codecs import with_checksum, without_checksum
from eventstore.durable import DurableFolder
from eventstore.errors import IntegrityError
from eventstore.files import Files

ZSTD_LEVEL = 3


def encode_rows(values: np.ndarray, rows: int) -> bytes:
    """Return the chunk file of up to ``rows`` rows; missing rows are zero."""
    padded = np.zeros((rows, *values.shape[1:]), values.dtype.newbyteorder("<"))
    padded[: len(values)] = values
    return _seal(padded.tobytes())


def encode_texts(texts: Sequence[str], rows: int) -> bytes:
    """Return the chunk file of up to ``rows`` texts; missing ones are empty."""
    return encode_items([text_item(text) for text in texts], rows)


def text_item(text: str) -> bytes:
    """Return a text as it stands in a chunk, its length before it."""
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def encode_items(items: Sequence[bytes], rows: int) -> bytes:
    """Return the chunk file of up to ``rows`` texts that are items already."""
    empty = bytes(4 * (rows - len(items)))
    return _seal(b"".join([struct.pack("<I", rows), *items, empty]))


def stage_rows(
    folder: DurableFolder, name: str, values: np.ndarray, *, first: int, rows: int
) -> None:
    """Stage the last chunks of a small array.

    Args:
        folder: where the store is.
        name: path of the array.
        values: its values from row ``first`` to the end.
        first: the first row of a chunk.
        rows: rows per chunk.
    """
    for at in range(0, len(values), rows):
        data = encode_rows(values[at : at + rows], rows)
        folder.stage(_key(name, (first + at) // rows, values.ndim), [data])


def read_rows(files: Files, name: str, dtype: str, shape: tuple[int, ...], rows: int) -> np.ndarray:
    """Read a whole small array.

    Args:
        files: where the store is.
        name: path of the array, such as ``"recordings/offsets"``.
        dtype: its data type.
        shape: its published shape; rows beyond are not looked at.
        rows: rows per chunk.

    Raises:
        IntegrityError: a checksum does not match, or a chunk has the wrong size.
        MissingContent: a chunk file is not there.
    """
    out = np.empty(shape, dtype)
    little = np.dtype(dtype).newbyteorder("<")
    for first in range(0, shape[0], rows):
        payload, where = _open(files, _key(name, first // rows, len(shape)))
        expected = rows * int(np.prod(shape[1:])) * little.itemsize
        if len(payload) != expected:
            message = f"{where}: {len(payload)} bytes, expected {expected}"
            raise IntegrityError(message)
        chunk = np.frombuffer(payload, little).reshape(rows, *shape[1:])
        out[first : first + rows] = chunk[: shape[0] - first]
    return out


def read_texts(files: Files, name: str, n: int, rows: int) -> list[str]:
    """Read a whole array of texts.

    Raises:
        IntegrityError: a checksum does not match, or the texts are damaged.
        MissingContent: a chunk file is not there.
    """
    texts: list[str] = []
    for first in range(0, n, rows):
        texts += read_text_chunk(files, name, first // rows, min(rows, n - first))
    return texts


def read_text_chunk(files: Files, name: str, number: int, n: int) -> list[str]:
    """Read the first ``n`` texts of one chunk of an array of texts.

    Raises:
        IntegrityError: a checksum does not match, or the texts are damaged.
        MissingContent: the chunk file is not there.
    """
    payload, where = _open(files, _key(name, number, 1))
    try:
        return _decode_texts(payload, n)
    except (struct.error, UnicodeDecodeError) as error:
        message = f"{where}: damaged texts ({error})"
        raise IntegrityError(message) from None


def _decode_texts(payload: bytes, n: int) -> list[str]:
    texts, at = [], 4
    for _ in range(n):
        (length,) = struct.unpack_from("<I", payload, at)
        texts.append(payload[at + 4 : at + 4 + length].decode())
        at += 4 + length
    if at > len(payload):
        message = f"the texts end at byte {at} of {len(payload)}"
        raise struct.error(message)
    return texts


def _key(name: str, number: int, ndim: int) -> str:
    return f"{name}/c/{number}" + "/0" * (ndim - 1)


def _seal(payload: bytes) -> bytes:
    return with_checksum(bytes(Zstd(ZSTD_LEVEL).encode(payload)))


def _unseal(data: bytes) -> bytes:
    return bytes(Zstd().decode(without_checksum(data)))


def _open(files: Files, key: str) -> tuple[bytes, str]:
    where = files.where(key)
    with suppress(IntegrityError, RuntimeError):
        return _unseal(files.read(key)), where
    files.forget([(key, 0, None)])  # it may have been damaged on its way here
    try:
        return _unseal(files.read(key)), where
    except (IntegrityError, RuntimeError) as error:
        reason = error.message if isinstance(error, IntegrityError) else str(error)
        hint = "restore this file from another copy or version"
        message = f"{where} is damaged: {reason}"
        raise IntegrityError(message, hint=hint) from None
