"""Damage files the way disks, cables and bugs do, for readers to prove that they stand it."""

import numpy as np

_NASTY = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFFFFFF,
    0xFFFFFFFF,
    (1 << 63) - 1,
    (1 << 64) - 1,
)
"""Numbers that length fields are set to."""


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Return the bytes with one to four faults in them.

    A fault flips a bit, sets a byte, writes a number where a length might stand, cuts the end off,
    takes a piece out, puts one in twice, or overwrites one with chance.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> len({mutate(bytes(100), rng) for _ in range(50)}) > 40
        True
    """
    damaged = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if damaged:
            _FAULTS[int(rng.integers(len(_FAULTS)))](damaged, rng)
    return bytes(damaged)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Choose a place, more often than not in the head, where formats keep their lengths."""
    top = len(data) if rng.random() < 0.4 else min(len(data), 256)
    return int(rng.integers(top))


def _flip(data: bytearray, rng: np.random.Generator) -> None:
    data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _set(data: bytearray, rng: np.random.Generator) -> None:
    data[_place(data, rng)] = int(rng.integers(256))


def _number(data: bytearray, rng: np.random.Generator) -> None:
    size = int(rng.choice([1, 2, 4, 8]))
    value = _NASTY[int(rng.integers(len(_NASTY)))] & ((1 << 8 * size) - 1)
    at = _place(data, rng)
    written = value.to_bytes(size, "little")
    data[at : at + size] = written if rng.random() < 0.7 else written[::-1]


def _cut(data: bytearray, rng: np.random.Generator) -> None:
    del data[int(rng.integers(len(data))) :]


def _take_out(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, 64))]


def _put_in_twice(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + int(rng.integers(1, 64))]


def _overwrite(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    piece = rng.bytes(int(rng.integers(1, 64)))
    data[at : at + len(piece)] = piece


_FAULTS = (_flip, _set, _number, _cut, _take_out, _put_in_twice, _overwrite)
