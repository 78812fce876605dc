"""What is odd about boxes: off the sensor, empty, of no recording, twice at one instant."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from catalog.labels.boxes import NO_ID, Boxes
from eventstore.findings import Finding, Severity


class Extent(NamedTuple):
    """What a recording spans."""

    t_stop_us: int
    width: int
    height: int


def check_boxes(boxes: Boxes, extents: Mapping[str, Extent]) -> list[Finding]:
    """Return what is odd about boxes: one finding for each recording and kind, with the first row.

    Args:
        boxes: the boxes.
        extents: end and sensor of each recording; boxes of any other are an error.

    Examples:
        >>> boxes = Boxes.of(recording_id="a", t=[5], x=30, y=0, w=8, h=4, label="car")
        >>> [finding.message for finding in check_boxes(boxes, {"a": Extent(100, 34, 34)})]
        ['1 of 1 boxes reach beyond the sensor of 34×34, the first to x 38, y 4']
    """
    found: list[Finding] = []
    for name in boxes.recording_ids:
        of = boxes.of_recording(name)
        if name in extents:
            found += _odd(of, name, extents[name])
        else:
            message = f"boxes in {name}, which is no recording of the dataset"
            found.append(
                Finding(
                    severity=Severity.ERROR,
                    where=name,
                    message=message,
                    check="labels",
                    fix="ingest it first",
                )
            )
    return found


def _odd(boxes: Boxes, name: str, extent: Extent) -> Iterator[Finding]:
    right, low = boxes.x + boxes.w, boxes.y + boxes.h
    off = (boxes.x < 0) | (boxes.y < 0) | (right > extent.width) | (low > extent.height)
    away = (boxes.x >= extent.width) | (boxes.y >= extent.height) | (right <= 0) | (low <= 0)
    late = boxes.t > extent.t_stop_us
    sensor = f"the sensor of {extent.width}×{extent.height}"
    at = int(np.argmax(off & ~away))
    reach = f"x {boxes.x[at]:g}, y {boxes.y[at]:g}"
    if boxes.x[at] >= 0 and boxes.y[at] >= 0:
        reach = f"x {right[at]:g}, y {low[at]:g}"
    yield from _some(
        name, boxes, off & ~away, f"reach beyond {sensor}, the first to {reach}", "box-off-sensor"
    )
    yield from _some(name, boxes, away, f"lie wholly off {sensor}", "box-off-sensor")
    yield from _some(
        name,
        boxes,
        late,
        f"lie beyond the recording's end at {extent.t_stop_us} µs",
        "outside-recording",
        severity=Severity.ERROR if late.all() else Severity.WARNING,
    )
    empty = (boxes.w == 0) | (boxes.h == 0)
    yield from _some(name, boxes, empty, "have no area", "empty-box")
    said = "show a track that has another box at the same instant"
    yield from _some(name, boxes, _twice(boxes), said, "box-twice")
    yield from _some(name, boxes, _two_classes(boxes), "change the class of a track", "track-class")


def _some(
    name: str,
    boxes: Boxes,
    which: Bool[np.ndarray, " n"],
    said: str,
    check: str,
    *,
    severity: Severity = Severity.WARNING,
) -> Iterator[Finding]:
    count = int(which.sum())
    if count:
        times = boxes.t[which]
        yield Finding(
            severity=severity,
            where=f"{name} {times[0]}-{times[-1]} µs",
            message=f"{count:,} of {len(boxes):,} boxes {said}",
            check=check,
            fix="leave them out where they were made, or import them with other --times",
        )


def _twice(boxes: Boxes) -> Bool[np.ndarray, " n"]:
    """Say which boxes follow one of the same track and instant; sorted as boxes are."""
    same = np.zeros(len(boxes), np.bool_)
    same[1:] = (np.diff(boxes.t) == 0) & (np.diff(boxes.track_id) == 0)
    same &= boxes.track_id != NO_ID
    return same


def _two_classes(boxes: Boxes) -> Bool[np.ndarray, " n"]:
    """Say which boxes have another class than the box before them in their track."""
    order = np.lexsort((boxes.t, boxes.track_id))
    track, label = boxes.track_id[order], boxes.label[order]
    other = np.zeros(len(boxes), np.bool_)
    turned = (np.diff(track) == 0) & (np.diff(label) != 0) & (track[1:] != NO_ID)
    other[order[1:]] = turned
    return other
