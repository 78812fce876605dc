"""Options that several verbs of ``spikelake label`` share, and what they print alike."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catalog.reference import DRAFT, parse_reference
from eventstore.errors import InvalidInput, NotFound
from eventstore.findings import Finding
from eventstore.output import print_findings

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion
    from catalog.labels.formats.protocol import FormatOptions


class TimesOrigin(StrEnum):
    """What times count from."""

    RECORDING = "recording"
    SOURCE = "source"


Ref: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="DATASET[@VERSION]",
        help="Folder of the dataset, and a version; the work tree where none is named.",
        show_default=False,
    ),
]

LabelSet: TypeAlias = Annotated[str, typer.Option("--set", help="Label set.", metavar="NAME")]

TimesOption: TypeAlias = Annotated[
    TimesOrigin | None,
    typer.Option(
        help="recording: µs from its first event; source: of the recorded file's own clock. "
        "What the format says where absent."
    ),
]

Classes: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Names of numbered classes: dvs-gesture, gen1, 1mpx, or a file of NUMBER,NAME lines.",
        metavar="NAME|FILE",
    ),
]

Fps: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Frames per second, as 30 or 30000/1001; for cvat.", metavar="RATE"),
]

FrameTimes: TypeAlias = Annotated[
    Path | None, typer.Option(help="File with the µs of each frame, one a line; for cvat.")
]

LabelColumn: TypeAlias = Annotated[
    str, typer.Option(help="Column of the class; for bids.", metavar="NAME")
]


def format_options(
    fps: str | None, frame_times: Path | None, label_column: str, classes: str | None
) -> "FormatOptions":
    """Return what a reader or writer of labels is told.

    Raises:
        InvalidInput: the rate is none.
        NotFound: there is no such file, or no table of classes of that name.
    """
    from catalog.labels.class_names import class_names
    from catalog.labels.formats.frames import parse_frame_times
    from catalog.labels.formats.protocol import FormatOptions

    if frame_times is not None and not frame_times.is_file():
        message = f"no file {frame_times}"
        raise NotFound(message, hint="check the spelling and the current folder")
    times = None
    if frame_times is not None:
        times = parse_frame_times(frame_times.read_bytes(), str(frame_times))
    names = {} if classes is None else class_names(classes)
    return FormatOptions(
        fps=None if fps is None else _rate(fps),
        frame_times=times,
        label_column=label_column,
        class_numbers={name: int(number) for number, name in names.items()},
    )


def _rate(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        message = f"{text!r} is no rate of frames"
        raise InvalidInput(message, hint="write --fps 30, 29.97 or 30000/1001") from error


def open_state(reference: str) -> "DatasetVersion":
    """Open the version that a reference names, or the work tree where it names none."""
    from catalog.folder import open_dataset

    wanted = parse_reference(reference)
    return open_dataset(wanted.name).at(wanted.version or DRAFT)


def print_odd(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print findings below a result; nothing where there are none, or the result has them."""
    if findings and not as_json:
        print_findings(findings, as_json=False, where="")
