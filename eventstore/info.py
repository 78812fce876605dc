"""The verb ``spikelake info``: decode one file and say what is in it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from eventstore.cli_options import (
    PartOption,
    ReaderOption,
    RepairOption,
    SensorOption,
    parse_sensor,
)
from eventstore.columns_sum import ColumnsSum
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.findings import Finding
from eventstore.readers.archive import is_archive
from eventstore.readers.open import read_file
from eventstore.repairs.protocol import RepairReport


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
        part: name of the recording, where the file holds several.
        side: kinds of streams beside the events: frames, imu, triggers.
        repairs: what was changed before the facts above were taken.
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
    part: str = ""
    side: tuple[str, ...] = ()
    repairs: tuple[RepairReport, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the facts as plain values, for JSON."""
        facts: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        return facts | {
            "sensor": {"width": self.sensor.width, "height": self.sensor.height},
            "side": list(self.side),
            "repairs": [report.to_dict() for report in self.repairs],
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass(slots=True)
class _Tally:
    """What is counted over packets."""

    events: int = 0
    t_first: int | None = None
    t_last: int | None = None
    on: int = 0
    x_max: int | None = None
    y_max: int | None = None
    back_steps: int = 0

    def add(self, packet: Events) -> None:
        """Count a packet that is not empty."""
        if self.t_last is None:
            self.t_first = int(packet.t[0])
        elif packet.t[0] < self.t_last:
            self.back_steps += 1
        self.back_steps += back_steps(packet.t)
        self.t_last = int(packet.t[-1])
        self.events += len(packet)
        self.on += int(np.count_nonzero(packet.p))
        self.x_max = max(self.x_max or 0, int(packet.x.max()))
        self.y_max = max(self.y_max or 0, int(packet.y.max()))


def file_info(
    path: Path,
    reader: str | None = None,
    *,
    part: str = "",
    sensor: Sensor | None = None,
    repairs: Sequence[str] = (),
) -> FileInfo:
    """Decode a file and sum it up, in memory that does not grow with its length.

    Args:
        path: the file.
        reader: name of the reader; by suffix and first bytes where absent.
        part: name of the recording, where the file holds several.
        sensor: geometry, where the file doesn't tell.
        repairs: what to change in the events first; see `eventstore.repairs`.

    Raises:
        NotFound: no such file, or no reader knows it, or it has no such part.
        InvalidInput: the file holds several recordings and none is named.
        FormatError: the file is bad, with the byte offset.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.writers.atis import write_atis
        >>> path = Path(mkdtemp()) / "two.bin"
        >>> write_atis(path, Events.of(t=[5, 8], x=[1, 2], y=[3, 3], p=[0, 1]))
        >>> info = file_info(path)
        >>> info.events, info.t_first, info.t_last, info.on
        (2, 5, 8, 1)
    """
    if is_archive(path) and path.is_file():
        message = f"{path} is an archive, not a recording"
        raise InvalidInput(message, hint="unpack one recording of it, or ingest the archive")
    recording = read_file(path, reader=reader, sensor=sensor, part=part, repairs=repairs)
    tally = _Tally()
    with ColumnsSum() as columns:
        for packet in recording.packets:
            if len(packet):
                tally.add(packet)
                columns.update(packet)
        sha256 = columns.hexdigest()
    return FileInfo(
        path=str(path),
        reader=recording.reader,
        **asdict(tally),
        sensor=recording.sensor,
        sha256=sha256,
        part=part,
        side=tuple(sorted(recording.side)),
        repairs=tuple(recording.repairs),
        findings=tuple(recording.findings),
    )


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("info")(_info)


def _info(
    file: Annotated[Path, typer.Argument(help="A recorded file.", show_default=False)],
    *,
    reader: ReaderOption = None,
    part: PartOption = "",
    sensor: SensorOption = None,
    repair: RepairOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON instead of a table.")
    ] = False,
) -> None:
    """Decode one recorded file and say what is in it."""
    info = file_info(
        file, reader, part=part, sensor=parse_sensor(sensor), repairs=tuple(repair or ())
    )
    if as_json:
        typer.echo(json.dumps(info.to_dict(), ensure_ascii=False))
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
    for report in info.repairs:
        first = "" if report.first is None else f", the first at row {report.first:,}"
        done = f"{report.changed:,} events changed, {report.dropped:,} left out"
        console.print(f"repaired: {report.name}: {done}{first}")
    for finding in info.findings:
        console.print(f"{finding.severity.name.lower()}: {finding.message}")


def _rows(info: FileInfo) -> list[tuple[str, str]]:
    rows = [("reader", info.reader), ("sensor", f"{info.sensor.width} × {info.sensor.height}")]
    rows += [("part", info.part)] if info.part else []
    rows += [("beside events", ", ".join(info.side))] if info.side else []
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
