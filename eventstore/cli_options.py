"""Options that several verbs share, and the values behind their text."""

from typing import Annotated, TypeAlias

import typer

from eventstore.errors import InvalidInput
from eventstore.events import Sensor

Source: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="SRC", help="A recorded file; or a store, or a dataset.", show_default=False
    ),
]

RecordingOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Id of the recording, of a store.", show_default=False)
]

Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]

DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check and say what would be done; write nothing.")
]

ReaderOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Name of the reader, with options after a colon (text:unit=us); "
        "by suffix and first bytes where absent.",
        show_default=False,
    ),
]

SensorOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="WIDTHxHEIGHT, or the number of channels of audio, where the file doesn't tell.",
        show_default=False,
    ),
]

RepairOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--repair",
        help="Change what is wrong, and say so: NAME or NAME:OPTION=VALUE; may be repeated, "
        "and is done in the order given.",
        show_default=False,
    ),
]

PartOption: TypeAlias = Annotated[
    str, typer.Option(help="Name of the recording, where the file holds several.")
]

JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one line of JSON instead of a sentence.")
]


def parse_sensor(text: str | None) -> Sensor | None:
    """Read ``WIDTHxHEIGHT`` or a number of channels; nothing where it was not given.

    Raises:
        InvalidInput: it is neither, or a size is out of range.

    Examples:
        >>> parse_sensor("346x260"), parse_sensor("64")
        (Sensor(width=346, height=260, modality='vision'), Sensor(width=64, height=1, modality='audio'))
    """  # noqa: E501 # what is printed is one line
    if text is None:
        return None
    width, by, height = text.lower().replace("×", "x").partition("x")
    if width.isdecimal() and by and height.isdecimal():
        return Sensor(int(width), int(height))
    if width.isdecimal() and not by:
        return Sensor.audio(int(width))
    message = f"--sensor {text} is neither WIDTHxHEIGHT nor a number of channels"
    raise InvalidInput(message, hint="for example --sensor 346x260, or --sensor 64 for audio")
