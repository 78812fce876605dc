"""The verb ``spikelake info``: decode one file and say what is in it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from eventstore.digest import columns_sha256
from eventstore.errors import InvalidInput
from eventstore.events import Sensor, back_steps
from eventstore.findings import Finding
from eventstore.readers.open import read_file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """What one recorded file holds.

    Args:
        path: the file, as it was named.
        reader: name of the reader that decoded it.
        events: number of events.
        t_first: time of the first event in µs, as the file states it; None without events.
        t_last: time of the last event.
        on: number of ON events.
        x_max: largest column; None without events.
        y_max: largest row.
        sensor: geometry, the file's own or assumed (then a finding says so).
        back_steps: number of places where time runs backwards.
        sha256: sum over the columns t int64, x uint16, y uint16, p uint8, little-endian, in order.
        findings: what the reader noticed.
    """

    path: str
    reader: str
    events: int
    t_first: int | None
    t_last: int | None
    on: int
    x_max: int | None
    y_max: int | None
    sensor: Sensor
    back_steps: int
    sha256: str
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the facts as plain values, for JSON; findings are left to the table."""
        facts: dict[str, object] = {
            name: getattr(self, name) for name in self.__slots__ if name != "findings"
        }
        return facts | {"sensor": {"width": self.sensor.width, "height": self.sensor.height}}


def file_info(path: Path, reader: str | None = None) -> FileInfo:
    """Decode a file and sum it up.

    Args:
        path: the file.
        reader: name of the reader; by suffix and first bytes where absent.

    Raises:
        NotFound: no such file, or no reader knows it.
        FormatError: the file is bad, with the byte offset.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.events import Events
        >>> from eventstore.writers.atis import write_atis
        >>> path = Path(mkdtemp()) / "two.bin"
        >>> write_atis(path, Events.of(t=[5, 8], x=[1, 2], y=[3, 3], p=[0, 1]))
        >>> info = file_info(path)
        >>> info.events, info.t_first, info.t_last, info.on
        (2, 5, 8, 1)
    """
    if path.suffix.lower() == ".zip" and path.is_file():
        message = f"{path} is an archive, not a recording"
        raise InvalidInput(message, hint="unpack one recording of it, or ingest the archive")
    recording = read_file(path, reader=reader)
    events = recording.load()
    some = len(events) > 0
    return FileInfo(
        path=str(path),
        reader=recording.reader,
        events=len(events),
        t_first=int(events.t[0]) if some else None,
        t_last=int(events.t[-1]) if some else None,
        on=int(events.p.sum()),
        x_max=int(events.x.max()) if some else None,
        y_max=int(events.y.max()) if some else None,
        sensor=recording.sensor,
        back_steps=back_steps(events.t),
        sha256=columns_sha256(events),
        findings=tuple(recording.findings),
    )


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("info")(_info)


def _info(
    file: Annotated[Path, typer.Argument(help="A recorded file.", show_default=False)],
    reader: Annotated[
        str | None,
        typer.Option(help="Name of the reader; by suffix and first bytes where absent."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON instead of a table.")
    ] = False,
) -> None:
    """Decode one recorded file and say what is in it."""
    info = file_info(file, reader)
    if as_json:
        typer.echo(json.dumps(info.to_dict()))
    else:
        _print_table(info)


def _print_table(info: FileInfo) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=info.path, show_header=False, title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")  # a sum cut short is of no use
    for name, value in _rows(info):
        table.add_row(name, value)
    console = Console(highlight=False, markup=False)
    console.print(table)
    for finding in info.findings:
        console.print(f"{finding.severity.name.lower()}: {finding.message}")


def _rows(info: FileInfo) -> list[tuple[str, str]]:
    rows = [("reader", info.reader), ("sensor", f"{info.sensor.width} × {info.sensor.height}")]
    if info.t_first is None or info.t_last is None:
        return [*rows, ("events", "0"), ("sha256", info.sha256)]
    duration_us = info.t_last - info.t_first
    return [
        *rows,
        ("events", f"{info.events:,} ({info.on / info.events:.1%} ON)"),
        ("t_first", f"{info.t_first:,} µs"),
        ("t_last", f"{info.t_last:,} µs"),
        ("duration", f"{duration_us / 1e6:.6f} s"),
        ("rate", f"{info.events / max(duration_us, 1) * 1e3:,.1f} events/ms"),
        ("x_max, y_max", f"{info.x_max}, {info.y_max}"),
        ("back_steps", f"{info.back_steps:,}"),
        ("sha256", info.sha256),
    ]
