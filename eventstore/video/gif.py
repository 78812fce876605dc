"""GIF (GIF89a), frame by frame: a picture is written and forgotten before the next is made."""

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import InvalidInput
from eventstore.video.gif_codes import encode_pixels, new_words

FASTEST_FPS = 50
"""Pictures a second: browsers show what is shorter than 2/100 s for 10/100."""

LOOP_FOR_EVER = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


def check_gif_fps(fps: float) -> None:
    """Refuse what browsers would slow down.

    Raises:
        InvalidInput: more pictures a second than GIF is good for.
    """
    if fps > FASTEST_FPS:
        message = f"GIF shows at most {FASTEST_FPS} pictures a second, not {fps:g}"
        raise InvalidInput(message, hint="lower --fps, or write .mp4 or .webm")


def gif_bytes(
    frames: Iterable[UInt8[np.ndarray, "h w"]], colours: UInt8[np.ndarray, "256 3"], fps: float
) -> Iterator[bytes]:
    r"""Yield the pieces of a GIF file that runs for ever.

    Args:
        frames: index of each pixel's colour, all pictures of one size.
        colours: red, green and blue of each index.
        fps: pictures a second; GIF counts in 1/100 s, and what does not divide is spread.

    Examples:
        >>> frame = np.zeros((2, 3), np.uint8)
        >>> pieces = gif_bytes([frame, frame], np.zeros((256, 3), np.uint8), 25)
        >>> b"".join(pieces)[:10]
        b'GIF89a\x03\x00\x02\x00'
    """
    words, spent = new_words(), 0
    for k, frame in enumerate(frames):
        height, width = frame.shape
        if k == 0:
            # width | height | 256 colours of 8 bits | background | aspect
            yield b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0)
            yield colours.tobytes()
            yield LOOP_FOR_EVER
            out = np.empty(2 * frame.size + 16, np.uint8)
        until = round((k + 1) * 100 / Fraction(str(fps)))
        # extension | length | leave it there | 1/100 s | nothing is clear | end
        yield struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 0x04, until - spent, 0, 0)
        spent = until
        # picture | left | top | width | height | no colours of its own | bits of a colour
        yield struct.pack("<BHHHHBB", 0x2C, 0, 0, width, height, 0, 8)
        n = encode_pixels(np.ascontiguousarray(frame).reshape(-1), words, out)
        yield _blocks(out[:n].tobytes())
    yield b"\x3b"


def _blocks(content: bytes) -> bytes:
    """Return bytes cut into blocks of at most 255, each with its length, and an empty one."""
    parts = (content[at : at + 255] for at in range(0, len(content), 255))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\x00"
