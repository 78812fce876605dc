"""What a bag holds beside events: images and IMU samples, as tables of side streams."""

from collections.abc import Callable, Iterator

import numpy as np

from eventstore.findings import Finding, Severity
from eventstore.readers.ros.bag import Bag, Message, Topic
from eventstore.readers.ros.fields import Fields
from eventstore.side import SideTable

IMU, IMAGE = "sensor_msgs/Imu", "sensor_msgs/Image"
KIND_OF_TYPE = {IMU: "imu", IMAGE: "frames"}

SAMPLES = 4096
"""IMU samples in one table."""

CHANNELS_OF = {
    "mono8": (1, 8), "8UC1": (1, 8), "mono16": (1, 16), "16UC1": (1, 16), "8UC3": (3, 8),
    "bgr8": (3, 8), "rgb8": (3, 8), "bgra8": (4, 8), "rgba8": (4, 8),
}  # fmt: skip
"""Channels and bits of each encoding of images that is kept."""


def topics_beside(events: Topic, topics: list[Topic]) -> tuple[dict[str, Topic], list[Topic]]:
    """Return the topic of each kind that goes with a topic of events, and those left out.

    Of several, the one whose name begins most like the events' goes with them, as ``/davis/left``.

    Examples:
        >>> left = Topic(0, "/davis/left/events", "dvs_msgs/EventArray")
        >>> imus = [Topic(1, "/davis/right/imu", IMU), Topic(2, "/davis/left/imu", IMU)]
        >>> topics_beside(left, imus)[0]["imu"].name
        '/davis/left/imu'
    """
    chosen: dict[str, Topic] = {}
    for kind_of, kind in KIND_OF_TYPE.items():
        found = [topic for topic in topics if topic.type == kind_of]
        if found:
            chosen[kind] = max(found, key=lambda topic: _shared(topic.name, events.name))
    taken = {topic.number for topic in chosen.values()}
    left = [t for t in topics if t.type in KIND_OF_TYPE and t.number not in taken]
    return chosen, left


def side_stream(
    bag: Bag, topic: Topic, begin: Callable[[Message], Fields], findings: list[Finding]
) -> Iterator[SideTable]:
    """Decode one topic of images or IMU samples."""
    messages = map(begin, bag.messages({topic.number}, []))
    if topic.type == IMU:
        yield from _imu_tables(messages)
        return
    refused: set[str] = set()
    for fields in messages:
        table = _frame(fields, refused)
        if table is not None:
            yield table
    for encoding in sorted(refused):
        message = f"images of {topic.name} in the encoding {encoding!r} are left out"
        known = ", ".join(CHANNELS_OF)
        findings.append(
            Finding(
                severity=Severity.WARNING,
                where=bag_name(topic),
                message=message,
                fix=f"convert them to one of {known}",
                check="image-encoding",
            )
        )


def bag_name(topic: Topic) -> str:
    """Return what a finding calls a topic."""
    return f"topic {topic.name}"


def _shared(a: str, b: str) -> int:
    """Count the leading parts that two topics' names share."""
    parts = list(zip(a.split("/"), b.split("/"), strict=False))
    return next((i for i, (one, other) in enumerate(parts) if one != other), len(parts))


def _imu_tables(messages: Iterator[Fields]) -> Iterator[SideTable]:
    rows: list[tuple[float, ...]] = []
    for fields in messages:
        stamp = fields.header()
        fields.numbers("d", 4 + 9)  # orientation and its covariance
        gyro = fields.numbers("d", 3)
        fields.numbers("d", 9)
        rows.append((stamp, *fields.numbers("d", 3), *gyro))
        if len(rows) == SAMPLES:
            yield _imu_table(rows)
            rows = []
    if rows:
        yield _imu_table(rows)


def _imu_table(rows: list[tuple[float, ...]]) -> SideTable:
    axes = [f"{what}_{axis}" for what in ("accel", "gyro") for axis in "xyz"]
    columns = list(zip(*rows, strict=True))
    named = {n: np.array(c, np.float32) for n, c in zip(axes, columns[1:], strict=True)}
    return SideTable.of("imu", {"t": np.array(columns[0], np.int64), **named})


def _frame(fields: Fields, refused: set[str]) -> SideTable | None:
    stamp = fields.header()
    height, width = (int(size) for size in fields.numbers("I", 2))
    encoding = fields.text()
    big_endian = fields.number("B")
    step, data = fields.number("I"), fields.block()
    if encoding not in CHANNELS_OF:
        refused.add(encoding)
        return None
    channels, bits = CHANNELS_OF[encoding]
    row = width * channels * bits // 8
    if step < row or len(data) < step * height or max(width, height) >= 1 << 16:
        found = f"{len(data)} bytes in rows of {step}"
        wanted = f"{height} rows of {row} bytes"
        raise fields.damaged(wanted, found)
    pixels = np.frombuffer(data[: step * height], np.uint8).reshape(height, step)[:, :row]
    if encoding.startswith("rgb"):
        order = [2, 1, 0, 3][:channels]
        pixels = pixels.reshape(height, width, channels)[:, :, order]
    if bits == 16 and big_endian:
        pixels = pixels.reshape(height, -1, 2)[:, :, ::-1]
    sizes = {"width": [width], "height": [height], "channels": [channels], "bits": [bits]}
    return SideTable.of("frames", {"t": [stamp], **sizes, "pixels": pixels.reshape(-1)})
