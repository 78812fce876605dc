"""Bit packing of a column's chunks: a fifth of the raw size, read at billions of values a second.

Patched frame of reference (Zukowski et al. 2006, "Super-scalar RAM-CPU cache compression"), its
values in rows of lanes (Afroozeh and Boncz 2023, "The FastLanes compression layout"), so that
compilers vectorise the decoding. All is little-endian; the format page describes each bit.

    head      version u8 = 1 | kind u8 | 0 u16 | number of values u32 | value before the first u64
    blocks    for each 512 values: width u8 | flags u8 | number of exceptions u16 | base u32
    packed    for each block: 64 · width bytes
    patches   for each block: steps between the exceptions' places, u8; then their high parts

A value is ``base + low + (high << width)``, wrapping round in the column's type; in a block with
the flag for differences it is added to the value before it.
"""

import struct
from collections.abc import Callable

import numpy as np

from eventstore import bitpack_pack as pack
from eventstore import bitpack_unpack as unpack
from eventstore.errors import IntegrityError, InvalidInput

_DAMAGE = {
    unpack.CUT: "it is shorter than its heads",
    unpack.UNKNOWN: "it is of another version or kind of values",
    unpack.OTHER_LENGTH: "it holds another number of values",
    unpack.BAD_BLOCK: "a block's head is impossible",
    unpack.BAD_SIZE: "its blocks do not take up its bytes",
    unpack.BAD_PLACE: "an exception lies outside its block",
}

_DECODERS = {
    np.dtype(np.uint8): unpack.decode_flags,
    np.dtype(np.uint16): unpack.decode_uint16,
    np.dtype(np.int64): unpack.decode_int64,
}

_HEAD = struct.Struct("<BBHIQ")


def encode(values: np.ndarray) -> bytes:
    """Return values bit-packed.

    Args:
        values: ``int64`` of any value, ``uint16``, or truth values in ``uint8``.

    Raises:
        InvalidInput: values of another type.

    Examples:
        >>> packed = encode(np.arange(100_000, 108_192))
        >>> len(packed)
        144
    """
    values = np.ascontiguousarray(values)
    _decoder(values.dtype)
    n_blocks = -(-len(values) // unpack.BLOCK)
    heads = unpack.HEAD_BYTES + n_blocks * unpack.BLOCK_HEAD_BYTES
    packed = np.zeros(heads + n_blocks * unpack.BLOCK // 8 * unpack.MAX_WIDTH, np.uint8)
    # Before the first value comes one that makes the first difference equal to the second.
    before = (2 * int(values[0]) - int(values[1])) % (1 << 64) if len(values) > 1 else 0
    head = _HEAD.pack(unpack.VERSION, values.itemsize, 0, len(values), before)
    packed[: len(head)] = np.frombuffer(head, np.uint8)
    if not len(values):
        return head
    if values.itemsize == 1:
        return packed[: pack.encode_flags(values, packed)].tobytes()
    exceptions = np.empty(n_blocks * unpack.BLOCK * (1 + values.itemsize), np.uint8)
    encode_values = pack.encode_int64 if values.itemsize == 8 else pack.encode_uint16
    end, exceptions_end = encode_values(values, np.uint64(before), packed, exceptions)
    return packed[:end].tobytes() + exceptions[:exceptions_end].tobytes()


def decode_into(payload: bytes | memoryview, out: np.ndarray) -> None:
    """Decode what `encode` returned into ``out``, a contiguous array of just that length and type.

    The GIL is released meanwhile. Nothing outside the payload is read, whatever it holds.

    Raises:
        IntegrityError: these bytes are no such values.
        InvalidInput: ``out`` has a type that is never encoded.

    Examples:
        >>> out = np.empty(3, np.uint16)
        >>> decode_into(encode(np.array([7, 640, 9], np.uint16)), out)
        >>> out.tolist()
        [7, 640, 9]
    """
    found = _decoder(out.dtype)(np.frombuffer(payload, np.uint8), out)
    if found != unpack.WHOLE:
        reason = _DAMAGE[int(found)]
        message = f"the bit-packed chunk of {len(payload)} bytes is damaged: {reason}"
        raise IntegrityError(message)


def _decoder(dtype: np.dtype) -> Callable[[np.ndarray, np.ndarray], unpack.Int]:
    decoder = _DECODERS.get(dtype)
    if decoder is None:
        message = f"{dtype} values cannot be bit-packed"
        raise InvalidInput(message, hint="pack int64, uint16 or uint8 truth values")
    return decoder
