"""Names of classes that a source only numbers: tables of known datasets, or a file.

A file has one class a line, ``NUMBER,NAME`` or with a tab between; ``#`` begins a comment.
"""

from collections.abc import Mapping
from pathlib import Path

from catalog.labels.formats.lines import text_lines
from eventstore.errors import FormatError, NotFound

DVS_GESTURE = (
    "hand_clapping",
    "right_hand_wave",
    "left_hand_wave",
    "right_arm_clockwise",
    "right_arm_counter_clockwise",
    "left_arm_clockwise",
    "left_arm_counter_clockwise",
    "arm_roll",
    "air_drums",
    "air_guitar",
    "other_gestures",
)
"""Classes 1 to 11, as its file gesture_mapping.csv names them."""

GEN1 = ("car", "pedestrian")
"""Classes from 0 of Prophesee's Gen1 automotive dataset."""

MEGAPIXEL = (
    "pedestrian",
    "two wheeler",
    "car",
    "truck",
    "bus",
    "traffic sign",
    "traffic light",
)
"""Classes from 0 of Prophesee's 1 megapixel automotive dataset."""

KNOWN: Mapping[str, Mapping[str, str]] = {
    "dvs-gesture": {str(n): name for n, name in enumerate(DVS_GESTURE, start=1)},
    "gen1": {str(n): name for n, name in enumerate(GEN1)},
    "1mpx": {str(n): name for n, name in enumerate(MEGAPIXEL)},
}
"""Name of each class by its number, for each known dataset."""


def class_names(told: str) -> dict[str, str]:
    """Return the name of each class by its number.

    Args:
        told: a known dataset, such as ``dvs-gesture``, or the path of a file.

    Raises:
        NotFound: neither.
        FormatError: a line of the file is no class, or a class or name stands twice.

    Examples:
        >>> class_names("dvs-gesture")["9"]
        'air_drums'
    """
    if told in KNOWN:
        return dict(KNOWN[told])
    file = Path(told)
    if not file.is_file():
        what = "table of classes"
        raise NotFound.among(
            what, told, KNOWN, hint="or give the path of a file: NUMBER,NAME lines"
        )
    return parse_class_names(file.read_bytes(), told)


def parse_class_names(data: bytes, path: str) -> dict[str, str]:
    r"""Read a file of class names.

    Raises:
        FormatError: a line is no class, or a class or name stands twice.

    Examples:
        >>> parse_class_names(b"0,car\n1,bus\n", "classes.csv")
        {'0': 'car', '1': 'bus'}
    """
    names: dict[str, str] = {}
    for number, line in enumerate(text_lines(data, path), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        key, mark, name = line.partition("\t" if "\t" in line else ",")
        key, name = key.strip(), name.strip()
        if not mark or not name or not (key.isascii() and key.isdecimal()):
            message = f"line {number} names no class"
            raise FormatError(message, path=path, expected="NUMBER,NAME", found=repr(line[:80]))
        key = str(int(key))
        if key in names or name in names.values():
            message = f"line {number} gives a class or a name a second time"
            raise FormatError(message, path=path, found=repr(line[:80]))
        names[key] = name
    return names
