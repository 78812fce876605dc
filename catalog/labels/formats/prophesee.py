"""Prophesee's boxes: a structured array in ``.npy``, of the automotive datasets' two generations.

Fields by name, in any order: ``t`` or ``ts``, ``x y w h class_id``, and perhaps ``track_id`` and
``class_confidence`` or ``confidence``. Times are µs of the recording's own clock. Coordinates are
32-bit there; they become the shortest decimals that read back to the same 32 bits. Nothing is
unpickled.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import ClassVar

import numpy as np
from jaxtyping import Float64, Int64

from catalog.labels.boxes import NO_ID, Boxes
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    RecordingLabels,
    Times,
    Written,
)
from eventstore.errors import FormatError, InvalidInput
from eventstore.findings import Finding, Severity

MAGIC = b"\x93NUMPY"

DTYPE = np.dtype(
    {
        "names": ["t", "x", "y", "w", "h", "class_id", "track_id", "class_confidence"],
        "formats": ["<i8", "<f4", "<f4", "<f4", "<f4", "<u4", "<u4", "<f4"],
        "offsets": [0, 8, 12, 16, 20, 24, 28, 32],
        "itemsize": 40,
    }
)
"""What is written: the dtype of the datasets' own toolbox, padding included."""

ALIASES = {"ts": "t", "confidence": "class_confidence"}
"""Names of the first generation."""

NEEDED = ("t", "x", "y", "w", "h", "class_id")

OPTIONAL = ("track_id", "class_confidence")


class Prophesee:
    """The format."""

    name: ClassVar[str] = "prophesee"
    ending: ClassVar[str] = "_bbox.npy"
    times: ClassVar[Times] = Times.SOURCE
    kinds: ClassVar[frozenset[str]] = frozenset({"boxes"})
    lists_recordings: ClassVar[bool] = False

    def claims(self, name: str, data: bytes) -> bool:
        """Say whether a file is a numpy array."""
        return name.endswith(".npy") and data.startswith(MAGIC)

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        """Return the boxes of a file; their classes are numbers."""
        fields, left = _fields(_array(data, path), path)
        sides = {k: _exact(fields[k]) for k in ("x", "y", "w", "h")}
        numbers = _whole(fields["class_id"], "class_id", path)
        track = fields.get("track_id")
        share = fields.get("class_confidence")
        try:
            boxes = Boxes.of(
                recording_id="",
                t=_whole(fields["t"], "t", path),
                **sides,
                label=[str(number) for number in numbers.tolist()],
                track_id=NO_ID if track is None else _whole(track, "track_id", path),
                confidence=np.nan if share is None else _exact(share),
            )
        except InvalidInput as error:
            raise FormatError(error.message, path=path, hint=error.hint) from error
        return LabelFile(boxes=boxes, findings=_findings(left, path))

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return the file of one recording."""
        (part,) = parts
        boxes = part.boxes if part.boxes is not None else Boxes.joined([])
        array = np.zeros(len(boxes), DTYPE)
        array["t"] = boxes.t
        array["class_id"] = _class_numbers(boxes, options)
        findings = []
        for name in ("x", "y", "w", "h"):
            array[name] = getattr(boxes, name)
            moved = np.abs(_exact(array[name]) - getattr(boxes, name))
            if moved.any():
                said = f"{name} of {int((moved > 0).sum()):,} boxes was rounded to 32 bits"
                findings.append(
                    _finding(part.recording_id, f"{said}, by at most {moved.max():.2g}")
                )
        findings += _fill_optional(array, boxes, part.recording_id)
        out = BytesIO()
        np.lib.format.write_array(out, np.ascontiguousarray(array), allow_pickle=False)
        return Written(out.getvalue(), tuple(findings))


def _array(data: bytes, path: str) -> np.ndarray:
    """Return the array of a ``.npy`` file, checked against the length of the file."""
    stream = BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(stream)
    except (ValueError, KeyError) as error:
        message = "not an array of numpy"
        raise FormatError(message, path=path, expected=".npy 1.0 or 2.0") from error
    if dtype.hasobject or dtype.names is None or len(shape) != 1:
        message = "not a table of boxes"
        found = f"{dtype} of shape {shape}"
        expected = "one dimension of fields t x y w h class_id"
        raise FormatError(message, path=path, expected=expected, found=found)
    start, n_bytes = stream.tell(), shape[0] * dtype.itemsize
    if len(data) - start != n_bytes:
        message = f"{shape[0]:,} boxes do not fill the file"
        expected, found = f"{n_bytes} bytes after the head", str(len(data) - start)
        hint = "the copy is cut short: fetch it again"
        raise FormatError(
            message, path=path, offset=start, expected=expected, found=found, hint=hint
        )
    return np.frombuffer(data, dtype, shape[0], start)


def _fields(array: np.ndarray, path: str) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the fields by their names of today, and those that have no place here."""
    names = array.dtype.names or ()
    fields = {ALIASES.get(name, name): array[name] for name in names}
    missing = [name for name in NEEDED if name not in fields]
    known = [name for name in fields if name in {*NEEDED, *OPTIONAL}]
    odd = [name for name in known if fields[name].dtype.kind not in "iuf" or fields[name].ndim != 1]
    if missing or odd or len(fields) != len(names):
        message = "not a table of boxes"
        expected = "fields t (or ts) x y w h class_id, each a number, each once"
        raise FormatError(message, path=path, expected=expected, found=str(array.dtype)[:160])
    return fields, [name for name in fields if name not in {*NEEDED, *OPTIONAL}]


def _exact(column: np.ndarray) -> Float64[np.ndarray, " n"]:
    """Return 64-bit numbers that are written as short as the 32-bit ones they come from."""
    if column.dtype != np.dtype(np.float32).newbyteorder(column.dtype.byteorder):
        return column.astype(np.float64)
    values, back = np.unique(column, return_inverse=True)
    return np.array([float(str(value)) for value in values])[back].reshape(len(column))


def _whole(column: np.ndarray, name: str, path: str) -> Int64[np.ndarray, " n"]:
    with np.errstate(invalid="ignore"):
        whole = column.astype(np.int64)
    bad = (whole != column) | (whole < 0)
    if bad.any():
        first = int(np.argmax(bad))
        message = f"{name} of box {first} is no whole number from 0"
        raise FormatError(message, path=path, found=str(column[first]))
    return whole


def _class_numbers(boxes: Boxes, options: FormatOptions) -> Int64[np.ndarray, " n"]:
    """Return the number of each box's class: what is told, else what its source called it."""
    told = [options.class_numbers.get(name, NO_ID) for name in boxes.label_names]
    spelt = [int(n) if n.isascii() and n.isdecimal() else NO_ID for n in boxes.label_names]
    by_name, by_spelling = (np.array([*n, NO_ID], np.int64)[boxes.label] for n in (told, spelt))
    own = np.where(boxes.label_id != NO_ID, boxes.label_id, by_spelling)
    numbers = np.where(by_name != NO_ID, by_name, own)
    bad = (numbers < 0) | (numbers >= 1 << 32)
    if bad.any():
        name = boxes.label_names[int(boxes.label[np.argmax(bad)])]
        message = f"class {name!r} of {int(bad.sum()):,} boxes has no number of 32 bits"
        raise InvalidInput(message, hint="say the numbers of classes: --classes FILE")
    return numbers


def _fill_optional(array: np.ndarray, boxes: Boxes, name: str) -> list[Finding]:
    """Fill in tracks and confidences, which here cannot be absent."""
    if (boxes.track_id >= 1 << 32).any():
        message = f"a track of {name} has a number beyond 32 bits: {boxes.track_id.max()}"
        raise InvalidInput(message, hint="number the tracks anew")
    array["track_id"] = np.maximum(boxes.track_id, 0)
    array["class_confidence"] = np.nan_to_num(boxes.confidence, nan=1.0)
    findings = []
    untracked = int((boxes.track_id == NO_ID).sum())
    if untracked:
        said = f"{untracked:,} boxes without a track got track 0, as this format must have one"
        findings.append(_finding(name, said))
    unsure = int(np.isnan(boxes.confidence).sum())
    if unsure:
        said = f"{unsure:,} boxes without a confidence got 1, as this format must have one"
        findings.append(_finding(name, said))
    return findings


def _findings(left: list[str], path: str) -> tuple[Finding, ...]:
    message = f"fields that boxes have no place for: {', '.join(left)}"
    return (_finding(path, message, check="label-import"),) if left else ()


def _finding(where: str, message: str, *, check: str = "label-export") -> Finding:
    return Finding(severity=Severity.INFO, where=where, message=message, check=check)


FORMAT = Prophesee()
