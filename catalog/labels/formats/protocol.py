"""What a label format is: bytes to what they say, and labels to bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

from catalog.labels.boxes import Boxes
from catalog.labels.intervals import Label
from eventstore.errors import InvalidInput
from eventstore.findings import Finding


class Times(StrEnum):
    """What the times in a file count from."""

    RECORDING = "recording"
    """The recording's first event, as all times in a dataset do."""
    SOURCE = "source"
    """The clock of the file that the recording came from; its origin is taken off."""


class RawInterval(NamedTuple):
    """An interval as a file says it, before anything is made of it."""

    where: str
    """Its place in the file, for messages: ``line 3``."""
    label: str
    """The class as the file spells or numbers it."""
    t_start_us: int | None = None
    """None for the whole recording."""
    t_stop_us: int | None = None
    recording: str = ""
    """The recording as the file names it; empty where the whole file is about one."""
    label_id: str = ""
    annotator: str = ""
    confidence: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFile:
    """What a file of labels says.

    Args:
        intervals: its intervals, in the order of the file.
        boxes: its boxes, all under the recording id ``""`` and in the times of the file.
        findings: what it says that has no place in a dataset, or was made to fit.
    """

    intervals: tuple[RawInterval, ...] = ()
    boxes: Boxes | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """What a reader or writer of some formats has to be told.

    Args:
        fps: frames per second, for formats that count frames.
        frame_times: µs of each frame, instead of ``fps``.
        label_column: column with the class, for formats that let it have another name.
        class_numbers: number of each class, for formats that know only numbers.

    Raises:
        InvalidInput: both frames per second and times, or a rate that is none.
    """

    fps: Fraction | None = None
    frame_times: tuple[int, ...] | None = None
    label_column: str = "trial_type"
    class_numbers: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.fps is not None and self.frame_times is not None:
            message = "both a frame rate and the times of frames"
            raise InvalidInput(message, hint="give one of --fps and --frame-times")
        if self.fps is not None and self.fps <= 0:
            message = f"{self.fps} frames per second"
            raise InvalidInput(message, hint="give a rate above 0, such as --fps 30")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLabels:
    """What is to be written of one recording, in the times that the file shall have.

    Args:
        recording_id: the recording.
        source: the file it came from.
        t_stop_us: its end, from its start.
        width: width of its sensor in pixels.
        height: height.
        labels: its intervals.
        boxes: its boxes; None where none are asked for.
    """

    recording_id: str
    source: str = ""
    t_stop_us: int = 0
    width: int = 0
    height: int = 0
    labels: tuple[Label, ...] = ()
    boxes: Boxes | None = None


class Written(NamedTuple):
    """A file's content, and what had to be made to fit."""

    data: bytes
    findings: tuple[Finding, ...] = ()


@runtime_checkable
class LabelFormat(Protocol):
    """Reads and writes one format."""

    name: ClassVar[str]
    ending: ClassVar[str]
    """What file names end in, after the recording's name: ``_labels.csv``."""
    times: ClassVar[Times]
    """What its times count from unless said otherwise."""
    kinds: ClassVar[frozenset[str]]
    """Of ``intervals`` and ``boxes``, what it can hold."""
    lists_recordings: ClassVar[bool]
    """Whether one file is about many recordings."""

    def claims(self, name: str, data: bytes) -> bool:
        """Say whether a file is surely in this format, by its name and content."""

    def read(self, data: bytes, path: str, options: FormatOptions) -> LabelFile:
        """Return what a file says.

        Raises:
            FormatError: it is not in this format; says where.
            InvalidInput: the reader has to be told something.
        """

    def write(self, parts: Sequence[RecordingLabels], options: FormatOptions) -> Written:
        """Return the file of one recording, or of many where the format lists recordings.

        Raises:
            InvalidInput: a label has no place in this format; names it.
        """
