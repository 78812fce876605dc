"""Read images of MNIST (``train-images-idx3-ubyte``) as spikes: sequential MNIST.

An image is unrolled, and its grey value runs through the pixels as a signal: channels fire where
it crosses their thresholds. Big-endian, packed with gzip or not::

    magic u32 2051 | images u32 | rows u32 | columns u32 | pixels u8, image after image

Half of the channels fire on the way up, as many on the way down, one at white (255). Channel 0 is
the touch of white; the thresholds are ``linspace(0, 254, half)``, cut to whole numbers, and the
highest channels are those of the lowest thresholds on the way up. This is the encoding of tonic's
SMNIST, which doubles each spike by default; a file by another name needs ``--reader idx``. Format: http://yann.lecun.com/exdb/mnist.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from eventstore.errors import FormatError, InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers.geometry import no_events
from eventstore.readers.options import option
from eventstore.readers.protocol import ByteSource, Part, Recording, choose_part

MAGIC = 2051
HEAD_BYTES = 16
LIMIT_BYTES = 1 << 28
"""Most bytes that a packed file may unpack to."""

_GZIP = b"\x1f\x8b"
_WHITE = 255
_DIGITS = 5
_HINT = "fetch it again: it is train-images-idx3-ubyte.gz or t10k-images-idx3-ubyte.gz"

_unpacked: dict[bytes, memoryview] = {}
"""The last file that was unpacked, by its sha256: every image of it is asked for by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdxReader:
    """Reader of MNIST's images as spikes; each image is a recording, named by its number.

    Args:
        channels: thresholds up, as many down, and one for white: an odd number.
        dt_us: time from pixel to pixel, in µs; half of it where spikes are doubled.
        twice: each spike is followed by another, one step later.

    Raises:
        InvalidInput: the number of channels is even, or there are too few or too many.
    """

    channels: int = option(99, "channels: thresholds up, as many down, one for white; odd")
    dt_us: int = option(1000, "step of time in µs")
    twice: bool = option(True, "double each spike, and with it the steps from pixel to pixel")
    name: str = "idx"
    suffixes: tuple[str, ...] = (".idx3-ubyte",)
    holds_many: bool = True

    def __post_init__(self) -> None:
        """Check the options."""
        if not 3 <= self.channels <= 511 or self.channels % 2 == 0 or self.dt_us < 1:
            message = f"{self.channels} channels, {self.dt_us} µs are no encoding of pixels"
            raise InvalidInput(message, hint="give an odd number from 3 to 511, and a step of 1 µs")

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits, and this is a file of images, packed or not."""
        if source.suffix not in self.suffixes:
            return False
        head = bytes(source.data[:HEAD_BYTES])
        if head[:2] == _GZIP:
            try:
                step = zlib.decompressobj(31).decompress(bytes(source.data[:4096]), HEAD_BYTES)
            except zlib.error:
                return False
            head = step[:HEAD_BYTES]
        return int.from_bytes(head[:4], "big") == MAGIC and len(head) == HEAD_BYTES

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the images by number.

        Raises:
            FormatError: this is no file of images, or it is cut short.
        """
        return [Part(name=f"{i:0{_DIGITS}}") for i in range(len(_images(source)))]

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Encode one image.

        Raises:
            FormatError: this is no file of images, or it is cut short.
            NotFound: there is no such image.
        """
        images = _images(source)
        pixels = images[_number(source, len(images))]
        events = spikes_of(pixels, self.channels, dt_us=self.dt_us, twice=self.twice)
        return Recording(
            source=source.name,
            sensor=sensor or Sensor.audio(self.channels),
            reader=self.name,
            zero_based=True,
            packets=iter([events] if len(events) else []),
            meta={"channels": str(self.channels), "dt_us": str(self.dt_us)},
            findings=[] if len(events) else [no_events(source.name)],
        )


READER = IdxReader()


def spikes_of(pixels: UInt8[np.ndarray, " n"], channels: int, *, dt_us: int, twice: bool) -> Events:
    """Return the spikes of an unrolled image, in order of time and channel.

    A crossing from one pixel to the next is at the time of the one before.

    Examples:
        >>> events = spikes_of(np.array([0, 255], np.uint8), 3, dt_us=1000, twice=False)
        >>> events.t.tolist(), events.x.tolist()
        ([1000], [0])
    """
    half = channels // 2
    above = pixels[:, None] >= np.linspace(0, 254, half).astype(np.uint8)[None, :]
    up, down = ~above[:-1] & above[1:], above[:-1] & ~above[1:]
    fired = np.zeros((len(pixels), channels), bool)
    # From the right: thresholds up from the lowest on, then those down, then white at 0.
    fired[:-1, channels - np.arange(1, half)] = up[:, 1:]
    fired[:-1, channels - half - np.arange(half)] = down
    fired[:, 0] = pixels == _WHITE
    step, channel = np.nonzero(np.repeat(fired, 2, axis=0) if twice else fired)
    n = len(step)
    return Events(
        (step * dt_us).astype(np.int64),
        channel.astype(np.uint16),
        np.zeros(n, np.uint16),
        np.ones(n, np.uint8),
    )


def _images(source: ByteSource) -> UInt8[np.ndarray, "n pixels"]:
    data = _whole(source)
    numbers = [int.from_bytes(data[at : at + 4], "big") for at in range(0, HEAD_BYTES, 4)]
    if len(data) < HEAD_BYTES or numbers[0] != MAGIC:
        message, found = "no file of images", bytes(data[:4]).hex(" ")
        expected = f"{MAGIC:#010x}"
        raise FormatError(
            message, path=source.name, offset=0, expected=expected, found=found, hint=_HINT
        )
    n, rows, columns = numbers[1:]
    size = n * rows * columns
    if len(data) - HEAD_BYTES != size or not rows * columns:
        message, expected = "file of the wrong size", f"{n} images of {columns}×{rows} pixels"
        found = f"{len(data) - HEAD_BYTES} bytes"
        raise FormatError(message, path=source.name, expected=expected, found=found, hint=_HINT)
    return np.frombuffer(data[HEAD_BYTES:], np.uint8).reshape(n, rows * columns)


def _whole(source: ByteSource) -> memoryview:
    """Return the bytes, unpacked; those of the file that was asked for last are kept."""
    if bytes(source.data[:2]) != _GZIP:
        return source.data
    key = source.sha256()
    data = _unpacked.get(key)
    if data is None:
        data = memoryview(_inflate(source))
        _unpacked.clear()
        _unpacked[key] = data
    return data


def _inflate(source: ByteSource) -> bytes:
    unpacking = zlib.decompressobj(31)
    try:
        data = unpacking.decompress(source.data, LIMIT_BYTES)
    except zlib.error as error:
        message = f"not gzip data ({error})"
        raise FormatError(message, path=source.name, hint=_HINT) from error
    if not unpacking.eof:
        message = f"cut short, or more than {LIMIT_BYTES} bytes"
        raise FormatError(message, path=source.name, hint=_HINT)
    return data


def _number(source: ByteSource, n_images: int) -> int:
    if source.part.isdecimal() and int(source.part) < n_images:
        return int(source.part)
    if not source.part:
        return int(choose_part(source, READER.parts(source)).name)
    message = f"no image {source.part!r} in {source.name}"
    raise NotFound(message, hint=f"they are numbered {0:0{_DIGITS}} … {n_images - 1:0{_DIGITS}}")
