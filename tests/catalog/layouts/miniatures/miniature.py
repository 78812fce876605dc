"""What a miniature of a dataset is: its files as published, and what is to come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from eventstore.events import Events, Sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is to be known of one recording.

    Args:
        label: its class; empty where it has intervals, or no label.
        fold: its fold.
        columns: curator's columns.
        events: its events from its start on; None where they are not compared.
        origin: stamp of its start in the file.
        sensor: its geometry, where it is not that of all.
        intervals: labelled intervals from its start on.
        boxes: (t, x, y, w, h, label, track) from its start on.
    """

    label: str = ""
    fold: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    events: Events | None = None
    origin: int = 0
    sensor: Sensor | None = None
    intervals: tuple[tuple[int, int, str], ...] = ()
    boxes: tuple[tuple[int, float, float, float, float, str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Miniature:
    """Files of a dataset, small and in their genuine form.

    Args:
        files: bytes by the name that the entry gives the file.
        sensor: geometry of all recordings.
        rows: what is to come of them, by recording id.
        official: samples of each fold of each official split.
        findings: checks of the findings that are to be reported, beside passed-over files.
    """

    files: Mapping[str, bytes]
    sensor: Sensor
    rows: Mapping[str, Row]
    official: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
