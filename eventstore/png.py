"""Write small pictures of few colours as PNG (RFC 2083): a palette and one byte a pixel."""

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import InvalidInput

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PALETTE_KIND = 3
"""Colour type of the header: each byte is an index into the palette."""


def write_png(
    pixels: UInt8[np.ndarray, "h w"], palette: Sequence[tuple[int, int, int, int]]
) -> bytes:
    """Return a picture as the bytes of a PNG file.

    Args:
        pixels: index of each pixel's colour.
        palette: red, green, blue and opacity of each colour.

    Raises:
        InvalidInput: it has no pixels, no colours or too many, or an index beyond the last.

    Examples:
        >>> write_png(np.zeros((2, 3), np.uint8), [(0, 0, 0, 255)])[:8] == SIGNATURE
        True
    """
    height, width = pixels.shape
    if not (height and width and 0 < len(palette) <= 256) or int(pixels.max()) >= len(palette):
        message = f"no picture of {height} × {width} pixels and {len(palette)} colours"
        raise InvalidInput(message, hint="give indices below the number of colours, at most 256")
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE_KIND, 0, 0, 0)
    colours = bytes(part for colour in palette for part in colour[:3])
    opacity = bytes(colour[3] for colour in palette)
    lines = np.zeros((height, width + 1), np.uint8)  # each begins with a filter: 0, none
    lines[:, 1:] = pixels
    return SIGNATURE + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", head),
            (b"PLTE", colours),
            (b"tRNS", opacity),
            (b"IDAT", zlib.compress(lines.tobytes(), 6)),
            (b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    # length | name | content | CRC of name and content; all big-endian
    crc = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc)
