"""Take the fields of a message one after the other, in the serialization of ROS 1 or of ROS 2.

ROS 1 packs fields without gaps. ROS 2 (CDR) puts four bytes in front that name the byte order, and
aligns each number to its size from there on; its strings end with a zero byte that they count.
"""

import struct
from dataclasses import dataclass

from eventstore.errors import FormatError
from eventstore.readers.ros.bag import Message

_LITTLE_ENDIAN_CDR = 1
_ENCAPSULATION_BYTES = 4
_SIZES = {kind: struct.calcsize(f"<{kind}") for kind in "BiIQd"}


@dataclass(slots=True, eq=False)
class Fields:
    r"""A place in a message that moves on as fields are taken.

    Args:
        data: the message, without the four bytes of CDR.
        aligned: whether it is CDR.
        path: the file, for messages.
        offset: where the message stands in it, for messages.
        at: the place.

    Examples:
        >>> fields = Fields(memoryview(b"\x02\x00\x00\x00hi\x05\x00"), False, "a.bag", 0)
        >>> fields.text(), fields.number("B")
        ('hi', 5)
    """

    data: memoryview
    aligned: bool
    path: str
    offset: int
    at: int = 0

    @classmethod
    def of(cls, message: Message, *, cdr: bool, path: str) -> "Fields":
        """Begin a message.

        Raises:
            FormatError: CDR of a kind that recorders do not write.
        """
        if not cdr:
            return cls(message.data, False, path, message.offset)
        head = bytes(message.data[:_ENCAPSULATION_BYTES])
        fields = cls(message.data[_ENCAPSULATION_BYTES:], True, path, message.offset)
        if len(head) < _ENCAPSULATION_BYTES or head[0] or head[1] != _LITTLE_ENDIAN_CDR:
            wanted = "little-endian CDR (00 01 …)"
            raise fields.damaged(wanted, head.hex(" ") or "nothing")
        return fields

    def number(self, kind: str) -> int:
        """Take a number; ``kind`` is its letter in the module ``struct``."""
        value = self.numbers(kind, 1)[0]
        return int(value)

    def numbers(self, kind: str, count: int) -> tuple[float, ...]:
        """Take some numbers of one kind."""
        size = _SIZES[kind]
        at = self._align(size)
        if at + count * size > len(self.data):
            wanted = f"{count * size} bytes at {at} of the message"
            raise self.damaged(wanted, self._end())
        self.at = at + count * size
        return struct.unpack_from(f"<{count}{kind}", self.data, at)

    def text(self) -> str:
        """Take a string."""
        return bytes(self.block()).rstrip(b"\0").decode(errors="replace")

    def block(self) -> memoryview:
        """Take bytes that have their number in front."""
        size = self.number("I")
        if self.at + size > len(self.data):
            wanted = f"{size} bytes at {self.at} of the message"
            raise self.damaged(wanted, self._end())
        self.at += size
        return self.data[self.at - size : self.at]

    def header(self) -> int:
        """Take a ``std_msgs/Header`` and return its stamp in µs."""
        if self.aligned:
            seconds, nanoseconds = self.number("i"), self.number("I")
        else:
            _, seconds, nanoseconds = (int(value) for value in self.numbers("I", 3))
        self.block()  # frame id
        return to_us(seconds, nanoseconds)

    def damaged(self, expected: str, found: str) -> FormatError:
        """Return the error that the message is not what its type says."""
        return FormatError(
            "damaged message",
            path=self.path,
            offset=self.offset,
            expected=expected,
            found=found,
            hint="the bag is damaged, or the type's definition is not the usual one",
        )

    def _align(self, size: int) -> int:
        return -(-self.at // size) * size if self.aligned else self.at

    def _end(self) -> str:
        return f"a message of {len(self.data)} bytes"


def to_us(seconds: int, nanoseconds: int) -> int:
    """Return a stamp of ROS in µs, rounded to the nearest.

    Examples:
        >>> to_us(2, 1_500)
        2000002
    """
    return seconds * 1_000_000 + (nanoseconds + 500) // 1_000
