"""Write CVAT's XML 1.1: tracks of boxes (for video), or tags of frames for intervals (for images).

An object is gone where its track has no box for a frame; CVAT is told so by a box marked
``outside``, without which it would draw the last one on and on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from xml.sax.saxutils import quoteattr

import numpy as np

from catalog.labels.box_table import number_text
from catalog.labels.boxes import NO_ID, Boxes
from catalog.labels.formats.frames import FrameClock
from catalog.labels.formats.protocol import RecordingLabels, Written
from catalog.labels.intervals import Label
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, Severity

_EXACT = Context(prec=100)

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What cannot stand in XML, escaped or not."""


def intervals_xml(part: RecordingLabels, clock: FrameClock) -> Written:
    """Return the intervals of a recording as tags of the frames that they span."""
    tags: dict[int, list[str]] = {}
    moved = merged = 0
    for label in sorted(part.labels):
        first, stop = clock.nearest(label.t_start_us), clock.nearest(label.t_stop_us)
        stop = max(stop, first + 1)
        ends = (clock.time_us(first), clock.time_us(stop))
        moved = max(moved, *_distances(ends, label))
        known = [label.label in tags.get(frame, ()) for frame in range(first - 1, stop)]
        merged += any(known)
        for frame, is_known in zip(range(first, stop), known[1:], strict=True):
            if not is_known:
                tags.setdefault(frame, []).append(label.label)
    size = max([clock.nearest(part.t_stop_us), *(frame + 1 for frame in tags)])
    names = sorted({label.label for label in part.labels})
    lines = _head(part, size, "annotation", names, "tag")
    for frame, of in sorted(tags.items()):
        lines.append(
            f'  <image id="{frame}" name="frame_{frame:06}" '
            f'width="{part.width}" height="{part.height}">'
        )
        lines += [f'    <tag label={quoteattr(name)} source="manual"></tag>' for name in of]
        lines.append("  </image>")
    said = []
    if moved:
        said.append(f"intervals end between frames and were moved, by at most {moved} µs")
    if merged:
        said.append(f"{merged:,} intervals touch another of their class, so tags join the two")
    return _written(lines, part.recording_id, said)


def tracks_xml(part: RecordingLabels, clock: FrameClock) -> Written:
    """Return the boxes of a recording as tracks.

    Raises:
        InvalidInput: two boxes of one track come to lie in one frame.
    """
    boxes = part.boxes if part.boxes is not None else Boxes.joined([])
    when = np.unique(boxes.t)
    frame_at = {time: clock.nearest(time) for time in when.tolist()}
    moved = max((abs(clock.time_us(f) - time) for time, f in frame_at.items()), default=0)
    tracks, alone = _tracks(boxes)
    size = max([clock.nearest(part.t_stop_us), *(frame + 1 for frame in frame_at.values())])
    lines = _head(part, size, "interpolation", boxes.label_names, "rectangle")
    for number, rows in tracks.items():
        label = boxes.label_names[int(boxes.label[rows[0]])]
        lines.append(f'  <track id="{number}" label={quoteattr(label)} source="manual">')
        lines += _track_lines(boxes, rows, frame_at, number=number, size=size)
        lines.append("  </track>")
    said = []
    if moved:
        said.append(f"boxes lie between frames and were moved, by at most {moved} µs")
    if alone:
        said.append(f"{alone:,} boxes without a track became tracks of one frame each")
    return _written(lines, part.recording_id, said)


def _tracks(boxes: Boxes) -> tuple[dict[int, Sequence[int]], int]:
    """Return the rows of each track, by number; boxes without one get a track of their own.

    Raises:
        InvalidInput: a track changes its class, which CVAT cannot say.
    """
    tracks: dict[int, list[int]] = {}
    alone = np.flatnonzero(boxes.track_id == NO_ID).tolist()
    for row in np.flatnonzero(boxes.track_id != NO_ID).tolist():
        tracks.setdefault(int(boxes.track_id[row]), []).append(row)
    for number, rows in tracks.items():
        if len(set(boxes.label[rows].tolist())) > 1:
            message = f"track {number} changes its class, which CVAT cannot say"
            raise InvalidInput(message, hint="give it another track number from there on")
    free = max(tracks, default=-1) + 1
    return {**tracks, **{free + at: [row] for at, row in enumerate(alone)}}, len(alone)


def _track_lines(
    boxes: Boxes, rows: Sequence[int], frame_at: dict[int, int], *, number: int, size: int
) -> Iterator[str]:
    frames = [frame_at[int(boxes.t[row])] for row in rows]
    if len(set(frames)) != len(frames):
        message = f"two boxes of track {number} come to lie in one frame"
        raise InvalidInput(message, hint="export with a higher --fps, or with --frame-times")
    for row, frame, following in zip(rows, frames, [*frames[1:], size], strict=True):
        yield _box_line(boxes, row, frame, outside=False)
        share = float(boxes.confidence[row])
        if not np.isnan(share):
            yield f'      <attribute name="confidence">{number_text(share)}</attribute>'
        yield "    </box>"
        if following > frame + 1:
            yield _box_line(boxes, row, frame + 1, outside=True)
            yield "    </box>"


def _box_line(boxes: Boxes, row: int, frame: int, *, outside: bool) -> str:
    left, top, width, height = (
        Decimal(number_text(float(side[row]))) for side in (boxes.x, boxes.y, boxes.w, boxes.h)
    )
    right, low = _EXACT.add(left, width), _EXACT.add(top, height)
    sides = {"xtl": left, "ytl": top, "xbr": right, "ybr": low}
    corners = " ".join(f'{name}="{value:f}"' for name, value in sides.items())
    return f'    <box frame="{frame}" keyframe="1" outside="{outside:d}" occluded="0" {corners}>'


def _head(
    part: RecordingLabels, size: int, mode: str, names: Iterable[str], kind: str
) -> list[str]:
    labels = [f"<label><name>{_text(name)}</name><type>{kind}</type></label>" for name in names]
    return [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "  <version>1.1</version>",
        "  <meta>",
        "    <task>",
        f"      <name>{_text(part.recording_id)}</name>",
        f"      <size>{size}</size>",
        f"      <mode>{mode}</mode>",
        "      <labels>",
        *(f"        {label}" for label in labels),
        "      </labels>",
        "      <original_size>",
        f"        <width>{part.width}</width>",
        f"        <height>{part.height}</height>",
        "      </original_size>",
        "    </task>",
        "  </meta>",
    ]


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _distances(ends: tuple[int, int], label: Label) -> tuple[int, int]:
    return abs(ends[0] - label.t_start_us), abs(ends[1] - label.t_stop_us)


def _written(lines: list[str], where: str, said: Iterable[str]) -> Written:
    text = "".join(f"{line}\n" for line in [*lines, "</annotations>"])
    bad = _NO_XML.search(text)
    if bad is not None:
        message = f"a name of {where} holds {bad[0]!r}, which XML cannot"
        raise InvalidInput(message, hint="rename the class first")
    findings = (
        Finding(severity=Severity.WARNING, where=where, message=message, check="label-export")
        for message in said
    )
    return Written(text.encode(), tuple(findings))
