"""``labels/boxes/<set>.tsv``: boxes as text, and its digest."""

from collections.abc import Iterable, Sequence
from math import isnan

import numpy as np
from jaxtyping import Float64, Int64

from catalog.labels.boxes import BOX_COLUMNS, BOX_EXTRAS, BOXES_PREFIX, NO_ID, Boxes
from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, InvalidInput

BOXES_FOLDER = "labels/boxes"
"""Where box tables lie in a dataset."""

INT_DIGITS = 18
"""Of a whole number in a table: what surely fits 64 bits."""

_PLAIN = frozenset("0123456789+-.eE")


def boxes_path(label_set: str) -> str:
    """Return where the boxes of a set lie in a dataset."""
    return f"{BOXES_FOLDER}/{label_set}.tsv"


def boxes_table(boxes: Boxes) -> Table:
    """Return the rows of ``labels/boxes/<set>.tsv``.

    Examples:
        >>> boxes = Boxes.of(recording_id="a", t=[2], x=1, y=0.5, w=3, h=2, label="car")
        >>> boxes_table(boxes).rows
        (('a', '2', '1', '0.5', '3', '2', 'car'),)
    """
    sides = (boxes.x, boxes.y, boxes.w, boxes.h)
    columns: list[Iterable[str]] = [
        map(boxes.recording_ids.__getitem__, boxes.recording.tolist()),
        map(str, boxes.t.tolist()),
        *(map(number_text, side.tolist()) for side in sides),
        map(boxes.label_names.__getitem__, boxes.label.tolist()),
    ]
    extra = {
        "label_id": ["" if v == NO_ID else str(v) for v in boxes.label_id.tolist()],
        "track_id": ["" if v == NO_ID else str(v) for v in boxes.track_id.tolist()],
        "confidence": ["" if isnan(v) else number_text(v) for v in boxes.confidence.tolist()],
    }
    used = {name: values for name, values in extra.items() if any(values)}
    rows = zip(*columns, *used.values(), strict=True)
    return Table((*BOX_COLUMNS, *used), tuple(rows))


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the very same number.

    Examples:
        >>> number_text(3.0), number_text(0.1)
        ('3', '0.1')
    """
    return repr(value + 0.0).removesuffix(".0")  # adding zero gives it one spelling


def parse_boxes(text: str, *, path: str) -> Boxes:
    """Read ``labels/boxes/<set>.tsv``.

    Raises:
        FormatError: other columns, or a value that is no number or out of range; says which.

    Examples:
        >>> boxes = Boxes.of(recording_id="a", t=[2], x=1, y=0.5, w=3, h=2, label="car")
        >>> parse_boxes(boxes_table(boxes).text(), path="labels/boxes/cars.tsv").x.tolist()
        [1.0]
    """
    table = Table.parse(text, path=path)
    extra = table.columns[len(BOX_COLUMNS) :]
    if table.columns[: len(BOX_COLUMNS)] != BOX_COLUMNS or not set(extra) <= set(BOX_EXTRAS):
        message = "not a table of boxes"
        raise FormatError(
            message,
            path=path,
            expected=f"columns {' '.join(BOX_COLUMNS)}, then any of {' '.join(BOX_EXTRAS)}",
            found=" ".join(table.columns),
        )
    texts = dict(zip(table.columns, zip(*table.rows, strict=True), strict=False))
    texts = {name: texts.get(name, ()) for name in table.columns}
    numbers = {name: parse_reals(name, texts[name], path=path) for name in ("x", "y", "w", "h")}
    if "confidence" in texts:
        filled = [value or "nan" for value in texts["confidence"]]
        numbers["confidence"] = parse_reals("confidence", filled, path=path, empty="nan")
    for name in ("label_id", "track_id"):
        if name in texts:
            filled = [value or str(NO_ID) for value in texts[name]]
            numbers[name] = parse_wholes(name, filled, path=path, empty=str(NO_ID))
    times = parse_wholes("t_us", texts["t_us"], path=path)
    try:
        return Boxes.of(
            recording_id=texts["recording_id"], t=times, label=texts["label"], **numbers
        )
    except InvalidInput as error:
        raise FormatError(error.message, path=path, hint=error.hint) from error


def parse_wholes(
    name: str, texts: Sequence[str], *, path: str, empty: str = ""
) -> Int64[np.ndarray, " n"]:
    """Return whole numbers of a column, counting lines from 2, below its head.

    Raises:
        FormatError: one is no whole number; says the line.
    """
    for number, text in enumerate(texts, start=2):
        whole = text.isascii() and text.isdecimal() and len(text) <= INT_DIGITS
        if not whole and text != empty:
            message = f"line {number}: {name} is no whole number"
            expected = f"at most {INT_DIGITS} digits"
            raise FormatError(message, path=path, expected=expected, found=repr(text))
    return np.array([int(text) for text in texts], np.int64)


def parse_reals(
    name: str, texts: Sequence[str], *, path: str, empty: str = ""
) -> Float64[np.ndarray, " n"]:
    """Return numbers of a column, counting lines from 2, below its head.

    Raises:
        FormatError: one is no finite number; says the line.
    """
    values = np.empty(len(texts), np.float64)
    for number, text in enumerate(texts):
        try:
            values[number] = float(text)
            fits = text == empty or _PLAIN.issuperset(text)
        except ValueError:
            fits = False
        if not fits:  # nan, inf, blanks and 1_000 are numbers to Python alone
            message = f"line {number + 2}: {name} is no number"
            raise FormatError(message, path=path, expected="such as 12.5", found=repr(text))
    return values


def boxes_digest(boxes: Boxes) -> str:
    """Return the digest of a table of boxes, in hex."""
    return sha256_text(BOXES_PREFIX + boxes_table(boxes).text())
