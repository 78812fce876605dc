"""Numbers and pieces at addresses of an HDF5 file; nothing outside the file is ever touched.

An address is counted from the base address, the byte where the superblock lies; addresses and
lengths take as many bytes as the superblock says, little-endian.
"""

from dataclasses import dataclass
from typing import NoReturn

from eventstore.errors import FormatError
from eventstore.readers.protocol import ByteSource

HINT = "fetch the file again; what the HDF5 tools can still read of it, h5repack copies"


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The bytes of a file and how its addresses are to be read.

    Args:
        source: the bytes.
        base: byte that address 0 stands for.
        address_bytes: size of an address.
        length_bytes: size of a length.

    Examples:
        >>> Space(ByteSource("a.h5", memoryview(b"abc"))).at(1).take(2).tobytes()
        b'bc'
    """

    source: ByteSource
    base: int = 0
    address_bytes: int = 8
    length_bytes: int = 8

    @property
    def end(self) -> int:
        """The first address behind the file."""
        return len(self.source.data) - self.base

    @property
    def undefined(self) -> int:
        """The address of what does not exist."""
        return (1 << (8 * self.address_bytes)) - 1

    def at(self, address: int, size: int | None = None) -> "Cursor":
        """Return a cursor over ``size`` bytes from an address on, or over all that follow.

        Raises:
            FormatError: they do not lie in the file.
        """
        stop = self.end if size is None else address + size
        if not 0 <= address <= stop <= self.end:
            what = "the rest" if size is None else f"{size} bytes"
            self.fail(address, "the file ends before this", what, f"{self.end} bytes in all")
        return Cursor(self, address, stop)

    def fail(
        self, address: int, message: str, expected: str = "", found: str = "", hint: str = HINT
    ) -> NoReturn:
        """Say that something at an address is wrong.

        Raises:
            FormatError: always.
        """
        raise FormatError(
            message,
            path=self.source.name,
            offset=self.base + address,
            expected=expected,
            found=found,
            hint=hint,
        )


class Cursor:
    """Reads one thing after another, up to a stop.

    Args:
        space: the file.
        address: where to begin.
        stop: the first address not to be read.
    """

    __slots__ = ("address", "space", "stop")

    def __init__(self, space: Space, address: int, stop: int) -> None:
        self.space = space
        self.address = address
        self.stop = stop

    @property
    def left(self) -> int:
        """Bytes up to the stop."""
        return self.stop - self.address

    def take(self, size: int) -> memoryview:
        """Return the next bytes.

        Raises:
            FormatError: there are not so many before the stop.
        """
        if not 0 <= size <= self.left:
            self.fail("a structure ends too early", f"{size} bytes more", f"{self.left}")
        start = self.space.base + self.address
        self.address += size
        return self.space.source.data[start : start + size]

    def uint(self, size: int) -> int:
        """Return the next number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "little")

    def location(self) -> int:
        """Return the next address."""
        return self.uint(self.space.address_bytes)

    def length(self) -> int:
        """Return the next length."""
        return self.uint(self.space.length_bytes)

    def skip(self, size: int) -> None:
        """Pass over bytes."""
        self.take(size)

    def sub(self, size: int) -> "Cursor":
        """Return a cursor over the next bytes, and pass over them."""
        start = self.address
        self.take(size)
        return Cursor(self.space, start, start + size)

    def text(self, *, padded_to: int = 1) -> str:
        """Return the next text up to its zero byte, and pass over what pads it."""
        data, start = self.space.source.data, self.space.base + self.address
        end, window = -1, 64
        while end < 0:
            end = bytes(data[start : start + min(window, self.left)]).find(0)
            if end < 0 and window >= self.left:
                self.fail("a text without end", "a zero byte", "none")
            window *= 4
        raw = self.take(end)
        self.skip(min(-(-(end + 1) // padded_to) * padded_to - end, self.left))
        return bytes(raw).decode("utf-8", "replace")

    def expect(self, signature: bytes) -> None:
        """Pass over a signature.

        Raises:
            FormatError: something else stands there.
        """
        start = self.address
        found = bytes(self.take(len(signature)))
        if found != signature:
            self.space.fail(
                start, "a structure is not where it should be", repr(signature), repr(found)
            )

    def fail(self, message: str, expected: str = "", found: str = "") -> NoReturn:
        """Say that what stands here is wrong.

        Raises:
            FormatError: always.
        """
        self.space.fail(self.address, message, expected, found)
