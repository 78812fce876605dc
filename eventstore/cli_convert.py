"""The verb ``spikelake convert``: a recording in another format."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstore.cli_options import (
    DryRunOption,
    Force,
    JsonOption,
    PartOption,
    ReaderOption,
    RecordingOption,
    RepairOption,
    SensorOption,
    Source,
    parse_sensor,
)
from eventstore.progress import progress_bar, throughput
from eventstore.video.command import register as register_video

if TYPE_CHECKING:
    from eventstore.convert import Conversion, ConvertReport


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line: ``convert``, and beside it ``export-video``."""
    app.command("convert")(_convert)
    register_video(app)


Target = Annotated[
    Path,
    typer.Argument(metavar="DST", help="The file to write, by its suffix.", show_default=False),
]
WriterOption = Annotated[
    str | None,
    typer.Option(help="Name of the writer, where the suffix does not tell.", show_default=False),
]


def _convert(
    source: Source,
    target: Target,
    *,
    reader: ReaderOption = None,
    writer: WriterOption = None,
    sensor: SensorOption = None,
    part: PartOption = "",
    recording: RecordingOption = None,
    repair: RepairOption = None,
    force: Force = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a recording in another format, with its absolute times."""
    from eventstore.convert import plan_conversion

    conversion = plan_conversion(
        source,
        target,
        reader=reader,
        writer=writer,
        sensor=parse_sensor(sensor),
        part=part,
        recording=recording,
        repairs=tuple(repair or ()),
        force=force,
    )
    if dry_run:
        _print_plan(conversion, as_json=as_json)
        return
    with progress_bar("convert") as progress:
        report = conversion.run(progress and (lambda events: progress(0, 1, events)))
    _print_report(report, as_json=as_json)


def _print_plan(conversion: "Conversion", *, as_json: bool) -> None:
    with conversion.keep_open:
        read, writer = conversion.recording, conversion.writer
    record = {
        "status": "ok",
        "dry_run": True,
        "source": read.source,
        "target": str(conversion.target),
        "reader": read.reader,
        "writer": writer.name,
    }
    said = f"would convert {read.source} ({read.reader}) to {conversion.target} ({writer.name})"
    typer.echo(json.dumps(record, ensure_ascii=False) if as_json else said)


def _print_report(report: "ConvertReport", *, as_json: bool) -> None:
    size = report.target.stat().st_size
    record = {
        "status": "ok",
        "dry_run": False,
        "source": report.source,
        "target": str(report.target),
        "reader": report.reader,
        "writer": report.writer,
        "events": report.n_events,
        "bytes": size,
        "seconds": round(report.seconds, 3),
        "repairs": [repair.to_dict() for repair in report.repairs],
        "findings": [finding.to_dict() for finding in report.findings],
    }
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    rate = throughput(report.n_events, report.seconds)
    typer.echo(
        f"converted {report.n_events:,} events to {report.target}, {size:,} bytes, "
        f"in {report.seconds:.1f} s ({rate})"
    )
    for repair in report.repairs:
        done = f"{repair.changed:,} events changed, {repair.dropped:,} left out"
        typer.echo(f"repaired: {repair.name}: {done}")
    for finding in report.findings:
        typer.echo(f"{finding.severity.name.lower()}: {finding.message}")
