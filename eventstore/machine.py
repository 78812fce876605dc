"""Machine instructions that numba has no name for: unaligned words, pointers, and checksums.

Both are for kernels alone. The caller answers for the bounds: nothing here checks them.
"""

import platform
from collections.abc import Callable
from typing import Any, TypeAlias

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from eventstore.jit import kernel

Untyped: TypeAlias = Any
"""Types, values and builders of numba's and LLVM's, which have no annotations."""

Word: TypeAlias = Any
"""A whole number: Python's outside of kernels, of 64 bits inside."""


def _instruction(build: Callable[..., Untyped]) -> Callable[..., Word]:
    """Make a function for kernels of what builds its code."""
    made: Callable[..., Word] = intrinsic(build)
    return made


CRC32C_POLYNOMIAL = 0x82F63B78
"""Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4)."""


@_instruction
def load_word(_context: Untyped, array: Untyped, _at: Untyped) -> Untyped:
    """Return the eight bytes from ``array[at]`` on as one little-endian number."""

    def build(
        context: Untyped, builder: Untyped, signature: Untyped, arguments: Untyped
    ) -> Untyped:
        values = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.gep(values.data, [arguments[1]])
        word = builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()))
        word.align = 1
        return word

    return types.uint64(array, types.uint64), build


@_instruction
def pointer_to(_context: Untyped, _address: Untyped) -> Untyped:
    """Return a pointer to an address, such as `numba.carray` makes an array of."""

    def build(
        _context: Untyped, builder: Untyped, _signature: Untyped, arguments: Untyped
    ) -> Untyped:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.int64), build


@_instruction
def leading_zeros(_context: Untyped, _word: Untyped) -> Untyped:
    """Return how many of a number's 64 bits stand before the first that is set."""

    def build(
        _context: Untyped, builder: Untyped, _signature: Untyped, arguments: Untyped
    ) -> Untyped:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build


@_instruction
def _crc_word(_context: Untyped, _crc: Untyped, _word: Untyped) -> Untyped:
    """Return a crc32c after eight more bytes, by the instruction of x86 processors."""

    def build(
        _context: Untyped, builder: Untyped, _signature: Untyped, arguments: Untyped
    ) -> Untyped:
        word = ir.IntType(64)
        instruction = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(word, [word, word]), "llvm.x86.sse42.crc32.64.64"
        )
        return builder.call(instruction, arguments)

    return types.uint64(types.uint64, types.uint64), build


def _crc_table() -> np.ndarray:
    """Return the crc32c of each byte alone, in each of eight places before the end."""
    table = np.zeros((8, 256), np.uint64)
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (CRC32C_POLYNOMIAL if crc & 1 else 0)
        table[0, byte] = crc
    for k in range(1, 8):
        table[k] = table[0, table[k - 1] & np.uint64(0xFF)] ^ table[k - 1] >> np.uint64(8)
    return table


_TABLE = _crc_table()


def _has_instruction() -> bool:
    """Say whether kernels are compiled for a processor that has the instruction."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return False
    settings: Untyped = numba.config
    chosen = settings.CPU_NAME or settings.CPU_FEATURES  # by the user, perhaps a lesser one
    return not chosen and bool(binding.get_host_cpu_features().get("sse4.2"))


@kernel
def crc32c_by_table(data: np.ndarray, start: Word, stop: Word) -> Word:
    """Return the crc32c of bytes ``start … stop - 1``, eight bytes a step (slicing by 8)."""
    crc = np.uint64(0xFFFFFFFF)
    at, end = np.uint64(start), np.uint64(stop)
    while at + np.uint64(8) <= end:
        word = load_word(data, at) ^ crc
        crc = np.uint64(0)
        for k in range(8):
            crc ^= _TABLE[7 - k, (word >> np.uint64(8 * k)) & np.uint64(0xFF)]
        at += np.uint64(8)
    while at < end:
        crc = _TABLE[0, (crc ^ np.uint64(data[at])) & np.uint64(0xFF)] ^ (crc >> np.uint64(8))
        at += np.uint64(1)
    return crc ^ np.uint64(0xFFFFFFFF)


@kernel
def crc32c_by_instruction(data: np.ndarray, start: Word, stop: Word) -> Word:
    """Return the crc32c of bytes ``start … stop - 1`` by the processor's own instruction."""
    crc = np.uint64(0xFFFFFFFF)
    at, end = np.uint64(start), np.uint64(stop)
    while at + np.uint64(8) <= end:
        crc = _crc_word(crc, load_word(data, at))
        at += np.uint64(8)
    while at < end:
        crc = _TABLE[0, (crc ^ np.uint64(data[at])) & np.uint64(0xFF)] ^ (crc >> np.uint64(8))
        at += np.uint64(1)
    return crc ^ np.uint64(0xFFFFFFFF)


crc32c = crc32c_by_instruction if _has_instruction() else crc32c_by_table
"""Checksum for kernels: ``crc32c(data, start, stop)`` of a uint8 array."""
