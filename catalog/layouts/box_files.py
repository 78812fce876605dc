"""Files of boxes beside recordings, in the forms that datasets publish them in.

``prophesee``   ``_bbox.npy``: records of t (once ts), x, y, w, h, class_id, track_id, confidence
``corners``     lines ``t: x1,y1,x2,y2``, t in s, four numbers more for each further box (NeRDD)
``ebssa``       in the file of events: ``KEY/Obj/{ts, x, y, id}``, points that count from 1
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from catalog.labels.boxes import NO_ID, Boxes
from catalog.labels.formats.prophesee import FORMAT as PROPHESEE
from catalog.labels.formats.protocol import FormatOptions
from catalog.layouts.path_rules import Place
from catalog.layouts.placed import PlacedFile
from eventstore.errors import FormatError, InvalidInput
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import open_hdf5

BoxReader = Callable[[PlacedFile, Place, tuple[str, ...]], Boxes]

UNNAMED = "object"
"""Label of boxes whose publisher names no class."""


def read_prophesee(file: PlacedFile, place: Place, classes: tuple[str, ...]) -> Boxes:
    """Read the boxes of Prophesee's datasets, as `catalog.labels.formats.prophesee` does.

    Raises:
        FormatError: these are no records of boxes.
    """
    data = bytes(file.item.open().data)
    boxes = PROPHESEE.read(data, file.item.name, FormatOptions()).boxes
    if boxes is None:
        message = "no table of boxes"
        raise FormatError(message, path=file.item.name, hint="fetch it again")
    numbers = np.array([int(name) for name in boxes.label_names], np.int64)[boxes.label]
    return Boxes.of(
        recording_id=place.id,
        t=boxes.t,
        **{side: getattr(boxes, side) for side in "xywh"},
        label=[classes[i] if i < len(classes) else str(i) for i in numbers.tolist()],
        label_id=numbers,
        track_id=boxes.track_id,
        confidence=boxes.confidence,
    )


def read_corners(file: PlacedFile, place: Place, classes: tuple[str, ...]) -> Boxes:
    """Read lines ``t: x1,y1,x2,y2``.

    Raises:
        FormatError: a line is none.
    """
    times: list[float] = []
    corners: list[list[float]] = []
    for number, line in enumerate(file.text().splitlines(), start=1):
        if not line.strip():
            continue
        stamp, _, rest = line.partition(":")
        try:
            values = [float(text) for text in rest.split(",") if text.strip()]
            time = float(stamp)
        except ValueError:
            values = []
        if not values or len(values) % 4 or not np.isfinite([time, *values]).all():
            message, expected = f"line {number} holds no boxes", "t: x1,y1,x2,y2"
            raise FormatError(
                message, path=file.item.name, expected=expected, found=repr(line[:80])
            )
        for at in range(0, len(values), 4):
            times.append(time)
            corners.append(values[at : at + 4])
    table = np.array(corners, np.float64).reshape(-1, 4)
    low, high = np.minimum(table[:, :2], table[:, 2:]), np.maximum(table[:, :2], table[:, 2:])
    sides = {"x": low[:, 0], "y": low[:, 1], "w": (high - low)[:, 0], "h": (high - low)[:, 1]}
    label = classes[0] if classes else UNNAMED
    t = np.rint(np.array(times) * 1e6).astype(np.int64)
    return _boxes(file, place, t=t, sides=sides, label=label)


def read_ebssa(file: PlacedFile, place: Place, classes: tuple[str, ...]) -> Boxes:
    """Read the points that EBSSA marks objects with, as boxes without width and height.

    Raises:
        FormatError: their columns are missing or of different lengths.
    """
    root = open_hdf5(file.item.open())
    key = place.part.strip("/").partition("/")[0]
    group = root.group(f"{key}/Obj")
    if group is None:
        none = {side: np.zeros(0) for side in "xywh"}
        return _boxes(file, place, t=np.zeros(0, np.int64), sides=none, label=UNNAMED)
    columns = {name: _flat(group.need(name)) for name in ("ts", "x", "y", "id")}
    n = len(columns["ts"])
    if any(len(column) != n for column in columns.values()):
        message, expected = f"{key}/Obj is no table", f"{n} numbers in each column"
        found = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        raise FormatError(message, path=file.item.name, expected=expected, found=found)
    sides = {"x": columns["x"] - 1, "y": columns["y"] - 1, "w": np.zeros(n), "h": np.zeros(n)}
    return _boxes(
        file,
        place,
        t=np.rint(columns["ts"]).astype(np.int64),
        sides=sides,
        label=classes[0] if classes else UNNAMED,
        track_id=np.rint(columns["id"]).astype(np.int64),
    )


BOX_FILES: Mapping[str, BoxReader] = MappingProxyType(
    {"prophesee": read_prophesee, "corners": read_corners, "ebssa": read_ebssa}
)
"""How to read each form."""


def _flat(dataset: Dataset) -> np.ndarray:
    return np.asarray(dataset[:], np.float64).reshape(-1)


def _boxes(
    file: PlacedFile,
    place: Place,
    *,
    t: np.ndarray,
    sides: Mapping[str, np.ndarray],
    label: str | list[str],
    track_id: object = NO_ID,
) -> Boxes:
    try:
        return Boxes.of(recording_id=place.id, t=t, label=label, track_id=track_id, **sides)
    except InvalidInput as error:
        raise FormatError(error.message, path=file.item.name, hint=error.hint) from error
