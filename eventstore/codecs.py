"""Inner chunks of a column: values ↔ bytes, exactly as the codecs named in the metadata do it.

    archive  t x y c    pcodec standalone file                            | crc32c, 4 bytes
             p          1 byte padding bits, 1 bit per event, first = MSB | crc32c, 4 bytes
    fast     t x y c p  bit-packed, see `eventstore.bitpack`              | crc32c, 4 bytes

The archive tier is written with codecs that zarr-python has under the same names, so any zarr v3
reader with numcodecs decodes it; the fast tier's codec is registered with zarr by this package.
Here they cost no call but the decompressor's own.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeAlias, cast

import google_crc32c
import numpy as np

from eventstore import pco_files
from eventstore.errors import IntegrityError, NotFound

Tier: TypeAlias = Literal["archive", "fast"]
"""How a store trades size for decoding speed: ``archive`` is smaller, ``fast`` is read faster."""

RunKind: TypeAlias = Literal["pcodec", "packbits", "bitpack"]
"""Codings of which many chunks are decoded at once, see `eventstore.chunk_runs`."""

CRC32C: Mapping[str, Any] = {"name": "crc32c"}

CRC_BYTES = 4

PCODEC_LEVEL = 8
"""Level in the metadata, for other programs that write; no reader needs it, and ours writes 7."""

BITPACK = "spikelake.bitpack"
"""Name of the fast tier's codec in the metadata."""


@dataclass(frozen=True, slots=True)
class ColumnCodec:
    """How one column's inner chunks are coded.

    Args:
        data_type: zarr data type of the column.
        dtype: dtype in memory.
        zarr_codecs: the inner codecs as they stand in the metadata.
        encode: values → bytes before the checksum.
        decode_into: bytes before the checksum → values, into an array of just that length.
        decode_start_into: the same for the first values only, into a shorter array; None where
            that takes as long.
        run_kind: how `eventstore.chunk_runs` knows this coding.
    """

    data_type: str
    dtype: np.dtype
    zarr_codecs: tuple[Mapping[str, Any], ...]
    encode: Callable[[np.ndarray], bytes]
    decode_into: Callable[[bytes, np.ndarray], None]
    decode_start_into: Callable[[bytes, np.ndarray], None] | None = None
    run_kind: RunKind | None = None


def encode_chunk(codec: ColumnCodec, values: np.ndarray) -> bytes:
    """Return the bytes of an inner chunk, its checksum at the end.

    Examples:
        >>> codec = CODEC_OF_COLUMN["t"]
        >>> out = np.zeros(3, np.int64)
        >>> decode_chunk(codec, encode_chunk(codec, np.array([5, 7, 9])), out)
        >>> out.tolist()
        [5, 7, 9]
    """
    return with_checksum(codec.encode(values))


def decode_chunk(codec: ColumnCodec, data: bytes, out: np.ndarray) -> None:
    """Check an inner chunk and decode it into ``out``, a contiguous array of the chunk's length.

    Raises:
        IntegrityError: the checksum does not match, or the bytes decode to another length.
    """
    codec.decode_into(without_checksum(data), out)


def decode_chunk_start(codec: ColumnCodec, data: bytes, out: np.ndarray) -> None:
    """Check an inner chunk and decode its first values only, as many as ``out`` has room for.

    Raises:
        IntegrityError: the checksum does not match, or the bytes decode to fewer values.
        TypeError: this codec decodes whole chunks only.

    Examples:
        >>> codec = CODEC_OF_COLUMN["t"]
        >>> out = np.zeros(2, np.int64)
        >>> decode_chunk_start(codec, encode_chunk(codec, np.array([5, 7, 9])), out)
        >>> out.tolist()
        [5, 7]
    """
    if codec.decode_start_into is None:
        message = f"the codec of {codec.data_type} decodes whole chunks only"
        raise TypeError(message)
    codec.decode_start_into(without_checksum(data), out)


def with_checksum(payload: bytes) -> bytes:
    """Append the crc32c of the payload."""
    checksum: int = google_crc32c.value(payload)
    return payload + checksum.to_bytes(CRC_BYTES, "little")


def without_checksum(data: bytes) -> bytes:
    """Return the payload after checking its crc32c.

    Raises:
        IntegrityError: the checksum does not match; the caller adds where the bytes lie.
    """
    payload = data[:-CRC_BYTES]
    found = google_crc32c.value(payload)
    expected = int.from_bytes(data[-CRC_BYTES:], "little")
    if found != expected or len(data) < CRC_BYTES:
        message = f"crc32c is {found:08x}, recorded {expected:08x}"
        raise IntegrityError(message)
    return payload


def _packbits_encode(values: np.ndarray) -> bytes:
    return bytes([-len(values) % 8]) + np.packbits(values).tobytes()


def _packbits_decode_into(payload: bytes, out: np.ndarray) -> None:
    bits = np.frombuffer(payload, np.uint8)
    if len(bits) != 1 + -(-len(out) // 8):
        message = f"the chunk holds {len(bits)} bytes of bits for {len(out)} values"
        raise IntegrityError(message)
    out[:] = np.unpackbits(bits[1:], count=len(out))


def _pcodec(data_type: str) -> ColumnCodec:
    pcodec = {"name": "numcodecs.pcodec", "configuration": {"level": PCODEC_LEVEL}}
    return ColumnCodec(
        data_type,
        np.dtype(data_type),
        (pcodec, CRC32C),
        pco_files.encode,
        pco_files.decode_into,
        pco_files.decode_start_into,
        "pcodec",
    )


_PACKBITS = ColumnCodec(
    "bool",
    np.dtype(np.uint8),
    ({"name": "numcodecs.packbits", "configuration": {}}, {"name": "bytes"}, CRC32C),
    _packbits_encode,
    _packbits_decode_into,
    run_kind="packbits",
)


@functools.cache
def _bitpack_module() -> ModuleType:
    """Import bit packing, and with it numba, when the fast tier is first used."""
    from eventstore import bitpack

    return bitpack


def _bitpack_encode(values: np.ndarray) -> bytes:
    encoded: bytes = _bitpack_module().encode(values)
    return encoded


def _bitpack_decode_into(payload: bytes, out: np.ndarray) -> None:
    _bitpack_module().decode_into(payload, out)


def _bitpack(data_type: str) -> ColumnCodec:
    dtype = np.dtype(np.uint8 if data_type == "bool" else data_type)
    codecs = ({"name": BITPACK}, CRC32C)
    return ColumnCodec(
        data_type, dtype, codecs, _bitpack_encode, _bitpack_decode_into, run_kind="bitpack"
    )


TIERS: Mapping[Tier, Mapping[str, ColumnCodec]] = {
    "archive": {
        "t": _pcodec("int64"),
        "x": _pcodec("uint16"),
        "y": _pcodec("uint16"),
        "c": _pcodec("uint16"),
        "p": _PACKBITS,
    },
    "fast": {
        "t": _bitpack("int64"),
        "x": _bitpack("uint16"),
        "y": _bitpack("uint16"),
        "c": _bitpack("uint16"),
        "p": _bitpack("bool"),
    },
}
"""Codec of each stored column in each tier."""

CODEC_OF_COLUMN = TIERS["archive"]
"""Codec of each column of a store of the archive tier."""


def codecs_of(tier: str) -> Mapping[str, ColumnCodec]:
    """Return the codec of each column in a tier.

    Args:
        tier: ``"archive"`` or ``"fast"``.

    Raises:
        NotFound: there is no such tier.

    Examples:
        >>> codecs_of("archive")["t"].data_type
        'int64'
    """
    if tier not in TIERS:
        unknown = NotFound.among("tier", tier, TIERS)
        raise unknown
    return TIERS[cast("Tier", tier)]
