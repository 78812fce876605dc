"""Inner chunks of side streams: pcodec for numbers, zstd for single bytes, then crc32c.

int64 int16 uint16 float32   pcodec standalone file      | crc32c, 4 bytes little-endian
int8 uint8                   zstd frame of the bytes     | crc32c, 4 bytes little-endian
"""

from dataclasses import replace

import numpy as np
from numcodecs.zstd import Zstd

from eventstore.codecs import CRC32C, ColumnCodec, codecs_of
from eventstore.errors import IntegrityError
from eventstore.side import side_columns

ZSTD_LEVEL = 3


def side_codecs(kind: str) -> dict[str, ColumnCodec]:
    """Return the codec of each column of a kind of side stream; the same in every tier.

    Raises:
        NotFound: there is no such kind.

    Examples:
        >>> {name: codec.data_type for name, codec in side_codecs("triggers").items()}
        {'t': 'int64', 'channel': 'int16', 'edge': 'int8'}
    """
    return {name: _codec(dtype) for name, dtype in side_columns(kind).items()}


def _codec(dtype: np.dtype) -> ColumnCodec:
    if dtype.itemsize == 1:
        return replace(_ZSTD, data_type=dtype.name, dtype=dtype)
    return replace(codecs_of("archive")["t"], data_type=dtype.name, dtype=dtype)


def _zstd_encode(values: np.ndarray) -> bytes:
    return bytes(Zstd(ZSTD_LEVEL).encode(np.ascontiguousarray(values)))


def _zstd_decode_into(payload: bytes, out: np.ndarray) -> None:
    try:
        data = Zstd().decode(payload)
    except RuntimeError as error:
        message = f"zstd cannot decode the chunk: {error}"
        raise IntegrityError(message) from error
    if len(data) != out.nbytes:
        message = f"the chunk decodes to {len(data)} values, expected {len(out)}"
        raise IntegrityError(message)
    out[:] = np.frombuffer(data, out.dtype)


_ZSTD = ColumnCodec(
    "uint8",
    np.dtype(np.uint8),
    (
        {"name": "bytes"},
        {"name": "zstd", "configuration": {"level": ZSTD_LEVEL, "checksum": False}},
        CRC32C,
    ),
    _zstd_encode,
    _zstd_decode_into,
)
