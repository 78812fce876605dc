"""DVS Gesture's labels: ``class,startTime_usec,endTime_usec``, a CSV beside each recording.

Times are of the AEDAT file's own clock; classes are numbers, whose names are a table apart.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from catalog.labels.formats.lines import BOM, rows, text_lines, whole_us
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    RawInterval,
    RecordingLabels,
    Times,
    Written,
)
from catalog.labels.intervals import Label
from eventstore.errors import FormatError, InvalidInput

HEADER = "class,startTime_usec,endTime_usec"


class DvsGesture:
    """The format."""

    name: ClassVar[str] = "dvs-gesture"
    ending: ClassVar[str] = "_labels.csv"
    times: ClassVar[Times] = Times.SOURCE
    kinds: ClassVar[frozenset[str]] = frozenset({"intervals"})
    lists_recordings: ClassVar[bool] = False

    def claims(self, name: str, data: bytes) -> bool:
        """Say whether a file has this format's first line."""
        head = data.removeprefix(BOM)[: len(HEADER) + 1]
        return name.endswith(".csv") and head.rstrip(b"\r\n") == HEADER.encode()

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        r"""Return the intervals of a file.

        Examples:
            >>> text = b"class,startTime_usec,endTime_usec\n9,80,104\n"
            >>> DvsGesture().read(text, "user22_led_labels.csv", FormatOptions()).intervals[0][:4]
            ('line 2', '9', 80, 104)
        """
        lines = text_lines(data, path)
        if not lines or lines[0] != HEADER:
            message = "not labels of DVS Gesture"
            found = repr(lines[0][:80] if lines else "")
            raise FormatError(message, path=path, expected=f"first line {HEADER}", found=found)
        return LabelFile(
            intervals=tuple(
                _interval(where, *fields, path=path)
                for where, fields in rows(lines[1:], 3, ",", path=path, first=2)
            )
        )

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return the file of one recording."""
        (part,) = parts
        lines = [HEADER]
        for label in part.labels:
            number = class_number(label, options.class_numbers)
            lines.append(f"{number},{label.t_start_us},{label.t_stop_us}")
        return Written("".join(f"{line}\n" for line in lines).encode())


def _interval(where: str, number: str, start: str, stop: str, *, path: str) -> RawInterval:
    if not (number.isascii() and number.isdecimal()):
        message = f"{where}: the class is no number"
        raise FormatError(message, path=path, expected="a number such as 9", found=repr(number))
    t_start = whole_us(start, where, "startTime_usec", path=path)
    t_stop = whole_us(stop, where, "endTime_usec", path=path)
    if t_stop < t_start:
        message = f"{where}: the interval runs backwards"
        expected = "startTime_usec ≤ endTime_usec"
        raise FormatError(message, path=path, expected=expected, found=f"{start},{stop}")
    return RawInterval(where, str(int(number)), t_start, t_stop)


def class_number(label: Label, numbers: Mapping[str, int]) -> int:
    """Return the number of a label's class: what is told, else what its source called it.

    Raises:
        InvalidInput: nothing says the number of this class.

    Examples:
        >>> class_number(Label("a", 0, 9, "air_drums", label_id="9"), {})
        9
    """
    if label.label in numbers:
        return numbers[label.label]
    for text in (label.label_id, label.label):
        if text.isascii() and text.isdecimal():
            return int(text)
    message = f"class {label.label!r} of {label.sample_id} has no number"
    raise InvalidInput(message, hint="say the numbers of classes: --classes FILE")


FORMAT = DvsGesture()
