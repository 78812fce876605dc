"""CVAT's XML 1.1: boxes in tracks (for video), boxes and tags of frames (for images).

A box is at the time of its frame. Tags of one name on frames in a row make an interval, from the
first frame to the one after the last. Boxes marked ``outside`` say that the object is gone, so they
are none. Frames are numbers: ``fps`` or ``frame_times`` of the options say when they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from typing import ClassVar, NamedTuple

import numpy as np

from catalog.labels.boxes import NO_ID, Boxes
from catalog.labels.formats.cvat_text import intervals_xml, tracks_xml
from catalog.labels.formats.frames import FrameClock, frame_clock, runs
from catalog.labels.formats.protocol import (
    FormatOptions,
    LabelFile,
    RawInterval,
    RecordingLabels,
    Times,
    Written,
)
from catalog.labels.formats.xml_nodes import Node, parse_xml
from catalog.labels.intervals import parse_confidence
from eventstore.errors import FormatError, InvalidInput
from eventstore.findings import Finding, Severity

VERSION = "1.1"

EXACT = Context(prec=100)
"""Of sums and differences of pixels, which never need more digits."""

SHAPES = ("polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton")
"""What CVAT draws beside boxes; there is no place for it here."""


class _Box(NamedTuple):
    frame: int
    track: int
    label: str
    sides: tuple[float, float, float, float]
    confidence: float | None


class Cvat:
    """The format."""

    name: ClassVar[str] = "cvat"
    ending: ClassVar[str] = ".xml"
    times: ClassVar[Times] = Times.RECORDING
    kinds: ClassVar[frozenset[str]] = frozenset({"intervals", "boxes"})
    lists_recordings: ClassVar[bool] = False

    def claims(self, name: str, data: bytes) -> bool:
        """Say whether a file is XML with CVAT's root."""
        return name.endswith(".xml") and b"<annotations" in data[:1024]

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        """Return the boxes and the tags of a file."""
        root = parse_xml(data, path)
        version = next((node.text.strip() for node in root.all("version")), "none")
        if root.tag != "annotations" or version != VERSION:
            message = "not annotations of CVAT"
            expected = f"<annotations> of version {VERSION}"
            found = f"<{root.tag}> of version {version}"
            raise FormatError(message, path=path, expected=expected, found=found)
        clock = frame_clock(options)
        boxes, tags = [*_boxes(root, path)], [*_tags(root, path)]
        try:
            intervals = tuple(_intervals(tags, clock))
            table = _table(boxes, clock) if boxes else None
        except InvalidInput as error:
            raise FormatError(error.message, path=path, hint=error.hint) from error
        return LabelFile(intervals=intervals, boxes=table, findings=_findings(root, boxes, path))

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return the file of one recording: its boxes where it has some asked for, else tags."""
        (part,) = parts
        clock = frame_clock(options)
        return intervals_xml(part, clock) if part.boxes is None else tracks_xml(part, clock)


def _boxes(root: Node, path: str) -> Iterator[_Box]:
    for track in root.all("track"):
        number, label = _whole(track, "id", path), _value(track, "label", path)
        for node in track.all("box"):
            if node.attributes.get("outside", "0") != "1":
                yield _box(node, _whole(node, "frame", path), number, label, path=path)
    for image in root.all("image"):
        frame = _whole(image, "id", path)
        for node in image.all("box"):
            yield _box(node, frame, NO_ID, _value(node, "label", path), path=path)


def _box(node: Node, frame: int, track: int, label: str, *, path: str) -> _Box:
    left, top, right, low = (_decimal(node, name, path) for name in ("xtl", "ytl", "xbr", "ybr"))
    if right < left or low < top:
        message = f"line {node.line}: the box runs backwards"
        found = f"{left},{top} … {right},{low}"
        raise FormatError(message, path=path, expected="xtl ≤ xbr, ytl ≤ ybr", found=found)
    said = [a.text for a in node.all("attribute") if a.attributes.get("name") == "confidence"]
    confidence = parse_confidence(said[0].strip(), f"line {node.line}", path=path) if said else None
    # Sides as decimals: as floats 661.50 - 634.12 would be 27.379999999999995.
    width, height = EXACT.subtract(right, left), EXACT.subtract(low, top)
    sides = (float(left), float(top), float(width), float(height))
    return _Box(frame, track, label, sides, confidence)


def _tags(root: Node, path: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, frame and line of each tag."""
    for image in root.all("image"):
        frame = _whole(image, "id", path)
        yield from ((_value(tag, "label", path), frame, tag.line) for tag in image.all("tag"))
    for tag in root.all("tag"):
        yield _value(tag, "label", path), _whole(tag, "frame", path), tag.line


def _intervals(tags: Iterable[tuple[str, int, int]], clock: FrameClock) -> Iterator[RawInterval]:
    lines: dict[str, dict[int, int]] = {}
    for name, frame, line in tags:
        lines.setdefault(name, {}).setdefault(frame, line)
    for name, at in lines.items():
        for first, stop in runs(at):
            where = f"line {at[first]}"
            yield RawInterval(where, name, clock.time_us(first), clock.time_us(stop))


def _table(boxes: Sequence[_Box], clock: FrameClock) -> Boxes:
    when = {frame: clock.time_us(frame) for frame in {box.frame for box in boxes}}
    sides = np.array([box.sides for box in boxes], np.float64)
    shares = [np.nan if box.confidence is None else box.confidence for box in boxes]
    return Boxes.of(
        recording_id="",
        t=[when[box.frame] for box in boxes],
        x=sides[:, 0],
        y=sides[:, 1],
        w=sides[:, 2],
        h=sides[:, 3],
        label=[box.label for box in boxes],
        track_id=[box.track for box in boxes],
        confidence=shares,
    )


def _findings(root: Node, boxes: Sequence[_Box], path: str) -> tuple[Finding, ...]:
    said = []
    for shape in SHAPES:
        lines = [node.line for node in root.walk(shape)]
        if lines:
            said.append((lines[0], f"{len(lines):,} of shape {shape}, which have no place here"))
    names = {
        node.attributes.get("name", ""): node.line
        for box in root.walk("box")
        for node in box.all("attribute")
    }
    left = sorted(names.keys() - {"confidence"})
    if left:
        message = f"attributes of boxes, which have no place here: {', '.join(left)}"
        said.append((names[left[0]], message))
    missing = _between(boxes)
    if missing:
        message = f"{missing:,} boxes between key frames are not in the file, so not here either"
        said.append((root.line, f"{message}; export 'CVAT for video' with all frames"))
    return tuple(
        Finding(
            severity=Severity.WARNING,
            where=f"{path}: line {line}",
            message=message,
            check="label-import",
        )
        for line, message in said
    )


def _between(boxes: Sequence[_Box]) -> int:
    """Count the frames that tracks jump over."""
    frames: dict[int, list[int]] = {}
    for box in boxes:
        if box.track != NO_ID:
            frames.setdefault(box.track, []).append(box.frame)
    spans = (max(of) - min(of) + 1 - len(set(of)) for of in frames.values())
    return sum(spans)


def _value(node: Node, name: str, path: str) -> str:
    if name not in node.attributes:
        message = f"line {node.line}: <{node.tag}> has no {name}"
        found = " ".join(node.attributes) or "none"
        raise FormatError(message, path=path, expected=f"attribute {name}", found=found)
    return node.attributes[name]


def _whole(node: Node, name: str, path: str) -> int:
    text = _value(node, name, path)
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        message = f"line {node.line}: {name} of <{node.tag}> is no number"
        raise FormatError(message, path=path, expected="a whole number", found=repr(text))
    return int(text)


def _decimal(node: Node, name: str, path: str) -> Decimal:
    text = _value(node, name, path)
    digits = text.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 60):
        message = f"line {node.line}: {name} of <{node.tag}> is no number"
        raise FormatError(message, path=path, expected="pixels, as 12.50", found=repr(text))
    return Decimal(text)


FORMAT = Cvat()
