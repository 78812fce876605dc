"""What to assume of a sensor when a file does not say: the smallest known one, and a finding."""

from collections.abc import Callable, Iterable

from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity

KNOWN_SENSORS = (
    Sensor(34, 34),  # N-MNIST
    Sensor(128, 128),  # DVS128
    Sensor(240, 180),  # DAVIS240, N-Caltech101
    Sensor(304, 240),  # ATIS
    Sensor(320, 240),  # DVXplorer Lite
    Sensor(346, 260),  # DAVIS346
    Sensor(640, 480),  # Prophesee Gen3, DVXplorer
    Sensor(1280, 720),  # Prophesee Gen4, IMX636
)
"""Geometries of common sensors, smallest first."""

KNOWN_COCHLEAS = (Sensor.audio(64), Sensor.audio(128), Sensor.audio(256), Sensor.audio(700))
"""Channels of common silicon and simulated cochleas, fewest first."""


def assume_sensor(
    name: str, x_max: int, y_max: int, known: tuple[Sensor, ...] = KNOWN_SENSORS
) -> tuple[Sensor, Finding]:
    """Return the smallest known sensor that holds all events, and a finding that says so.

    Args:
        name: the file, for the finding.
        x_max: largest column, -1 without events.
        y_max: largest row, -1 without events.
        known: geometries to choose from; beyond them the events' bounding box is taken.

    Examples:
        >>> assume_sensor("a.bin", 150, 172)[1].message
        'geometry not in file, assumed 240×180'
    """
    box = Sensor(max(x_max, 0) + 1, max(y_max, 0) + 1, known[0].modality)
    fitting = [s for s in known if box.width <= s.width and box.height <= s.height]
    sensor = fitting[0] if fitting else box
    finding = Finding(
        severity=Severity.INFO if fitting else Severity.WARNING,
        where=name,
        message=f"geometry not in file, assumed {sensor.width}×{sensor.height}",
        fix="give the sensor's width and height",
        check="geometry-assumed",
    )
    return sensor, finding


def settle_sensor(
    name: str,
    stated: Sensor | None,
    extent: Callable[[], tuple[int, int]],
    known: tuple[Sensor, ...] = KNOWN_SENSORS,
) -> tuple[Sensor, list[Finding]]:
    """Return the sensor that the user or the file states, or else one assumed from all events.

    Args:
        name: the file, for the finding.
        stated: the sensor, where anybody states it.
        extent: goes through the file for the largest column and row, -1 without events; called
            only where nobody does.
        known: geometries to choose from.

    Examples:
        >>> settle_sensor("a.bin", Sensor(64, 48), lambda: (0, 0))
        (Sensor(width=64, height=48, modality='vision'), [])
    """
    if stated is not None:
        return stated, []
    sensor, finding = assume_sensor(name, *extent(), known)
    return sensor, [finding]


def extent_of(packets: Iterable[Events]) -> tuple[int, int]:
    """Return the largest x and y of events in packets, none of them empty; -1 without any.

    Examples:
        >>> extent_of([Events.of(t=[1, 2], x=[3, 1], y=[0, 7])]), extent_of([])
        ((3, 7), (-1, -1))
    """
    x_max, y_max = -1, -1
    for packet in packets:
        x_max, y_max = max(x_max, int(packet.x.max())), max(y_max, int(packet.y.max()))
    return x_max, y_max


def cut_file(name: str, offset: int, rest: int, what: str = "record") -> Finding:
    """Return the finding that a file ends too early, and all before that was read.

    Args:
        name: the file.
        offset: byte where the unfinished piece begins.
        rest: bytes of it that are there.
        what: what is unfinished.
    """
    return Finding(
        severity=Severity.WARNING,
        where=name,
        message=f"the file ends inside a {what}: {rest} bytes at {offset}",
        fix="the copy is incomplete: fetch it again",
        check="cut-file",
    )


def no_events(name: str) -> Finding:
    """Return the finding that a file holds no events."""
    return Finding(
        severity=Severity.WARNING,
        where=name,
        message="no events",
        fix="an empty file is often a failed download: fetch it again",
        check="no-events",
    )
