"""LZW as GIF has it (GIF89a, appendix F): codes of 9 to 12 bits, the lowest bit first."""

import numpy as np
from jaxtyping import Int16, UInt8

from eventstore.jit import kernel

CLEAR, END, FIRST = 256, 257, 258
"""Codes of pictures of 256 colours: forget all, the end, and the first that is learned."""

MOST = 4_096
"""Codes of 12 bits."""

Words = Int16[np.ndarray, "4096 256"]


def new_words() -> Words:
    """Return an empty table of what follows what; 2 MiB, used again for each picture."""
    return np.zeros((MOST, 256), np.int16)


@kernel
def forget(words: Words, learned: Int16[np.ndarray, "4096 2"], n: int) -> None:
    """Empty the table again of its first learned words."""
    for k in range(n):
        words[learned[k, 0], learned[k, 1]] = 0


@kernel
def put_bytes(
    out: UInt8[np.ndarray, " bytes"], at: int, held: np.uint64, n_held: int
) -> tuple[int, np.uint64, int]:
    """Write the whole bytes of the bits that are held; return the place after them and the rest."""
    while n_held >= 8:
        out[at] = held & np.uint64(255)
        held >>= np.uint64(8)
        n_held -= 8
        at += 1
    return at, held, n_held


@kernel
def encode_pixels(
    pixels: UInt8[np.ndarray, " n"], words: Words, out: UInt8[np.ndarray, " bytes"]
) -> int:
    """Encode the pixels of a picture; return how many bytes that took.

    Args:
        pixels: at least one.
        words: code of each learned code with a colour behind it; all 0 before and after.
        out: where the bytes go; two for each pixel and sixteen more suffice.
    """
    learned = np.empty((MOST, 2), np.int16)  # what to forget again: code, colour
    n_learned, code_bits = 0, 9
    held, n_held, at = np.uint64(CLEAR), 9, 0
    code = np.int64(pixels[0])
    for i in range(1, len(pixels)):
        colour = np.int64(pixels[i])
        longer = words[code, colour]
        if longer:
            code = np.int64(longer)
            continue
        held |= np.uint64(code) << np.uint64(n_held)
        n_held += code_bits
        fresh = FIRST + n_learned
        if fresh < MOST:
            words[code, colour] = fresh
            learned[n_learned, 0], learned[n_learned, 1] = code, colour
            n_learned += 1
            if fresh == 1 << code_bits:
                code_bits += 1
        else:
            held |= np.uint64(CLEAR) << np.uint64(n_held)
            n_held += code_bits
            forget(words, learned, n_learned)
            n_learned, code_bits = 0, 9
        at, held, n_held = put_bytes(out, at, held, n_held)
        code = colour
    held |= np.uint64(code) << np.uint64(n_held)
    n_held += code_bits
    if FIRST + n_learned == 1 << code_bits and code_bits < 12:
        code_bits += 1  # the decoder learns one code more than we did, from the last pixels
    held |= np.uint64(END) << np.uint64(n_held)
    at, _, _ = put_bytes(out, at, held, n_held + code_bits + 7)  # the last byte, if not full
    forget(words, learned, n_learned)
    return at
