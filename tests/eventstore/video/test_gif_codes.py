"""LZW codes of GIF, read back by a decoder written from the specification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.video.gif_codes import CLEAR, END, encode_pixels, new_words

WORDS = new_words()


def decode(content: bytes) -> bytes:
    known = [bytes([k]) for k in range(256)] + [b"", b""]
    out, words, bits, at, before = bytearray(), list(known), 9, 0, b""
    whole = int.from_bytes(content, "little")
    while True:
        code = whole >> at & ((1 << bits) - 1)
        at += bits
        if code == CLEAR:
            words, bits, before = list(known), 9, b""
            continue
        if code == END:
            assert (at + 7) // 8 == len(content)
            return bytes(out)
        word = words[code] if code < len(words) else before + before[:1]
        out += word
        if before and len(words) < 4096:
            words.append(before + word[:1])
        before = word
        if len(words) == 1 << bits and bits < 12:
            bits += 1


def encoded(pixels: np.ndarray) -> bytes:
    out = np.empty(2 * len(pixels) + 16, np.uint8)
    return out[: encode_pixels(pixels, WORDS, out)].tobytes()


@given(st.binary(min_size=1, max_size=400))
def test_any_pixels_come_back(content: bytes) -> None:
    assert decode(encoded(np.frombuffer(content, np.uint8))) == content
    assert not WORDS.any()


@pytest.mark.parametrize("colours", [2, 3, 16, 256])
@pytest.mark.parametrize("n", [254, 255, 256, 257, 9_000, 40_000])
def test_tables_that_fill_are_begun_anew(colours: int, n: int) -> None:
    pixels = np.random.default_rng(n).integers(0, colours, n).astype(np.uint8)
    assert decode(encoded(pixels)) == pixels.tobytes()


def test_where_the_width_of_codes_changes_at_the_end_it_is_right() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, 2_000).astype(np.uint8)
    for n in (*range(250, 262), *range(760, 776), *range(1_780, 1_800)):
        assert decode(encoded(pixels[:n])) == pixels[:n].tobytes()
