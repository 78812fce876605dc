"""The verb ``spikelake export-video``: a recording as a film."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eventstore.cli_options import (
    DryRunOption,
    Force,
    JsonOption,
    PartOption,
    ReaderOption,
    RecordingOption,
    SensorOption,
    Source,
    parse_sensor,
)
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from eventstore.video.options import VideoOptions
    from eventstore.video.source import FootageQuery
    from eventstore.video.write import VideoReport

Target = Annotated[
    Path,
    typer.Argument(
        metavar="DST", help="The film to write: .gif, .mp4 or .webm.", show_default=False
    ),
]
From = Annotated[
    int, typer.Option("--from", metavar="µs", help="Begin, from the recording's start.")
]
To = Annotated[
    int | None,
    typer.Option(
        "--to", metavar="µs", help="End; the recording's if left out.", show_default=False
    ),
]
Fps = Annotated[float, typer.Option(help="Pictures a second of the film.")]
Speed = Annotated[float, typer.Option(help="1 is real time, 0.1 ten times slower.")]
Window = Annotated[
    int | None,
    typer.Option(
        help="How long a picture gathers events; as long as lies between two if left out.",
        show_default=False,
    ),
]
Scale = Annotated[
    float | None,
    typer.Option(
        help="Pixels of the film for one of the sensor: 2, 3 … or 0.5, 0.25 …; "
        "enlarges small sensors if left out.",
        show_default=False,
    ),
]
Full = Annotated[int, typer.Option(help="Events in a pixel that give the full colour.")]
GroundOption = Annotated[str, typer.Option(metavar="light|dark", help="What lies behind.")]


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("export-video")(_export_video)


def _export_video(
    source: Source,
    target: Target,
    *,
    recording: RecordingOption = None,
    begin: From = 0,
    end: To = None,
    fps: Fps = 25.0,
    speed: Speed = 1.0,
    window_us: Window = None,
    scale: Scale = None,
    full: Full = 2,
    ground: GroundOption = "light",
    reader: ReaderOption = None,
    sensor: SensorOption = None,
    part: PartOption = "",
    force: Force = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a recording as a film, ON blue and OFF orange: GIF, or MP4 and WebM by ffmpeg."""
    from eventstore.video.options import VideoOptions
    from eventstore.video.source import FootageQuery
    from eventstore.video.write import write_video

    options = VideoOptions.from_dict(
        {
            "fps": fps,
            "speed": speed,
            "window_us": window_us,
            "scale": scale,
            "full": full,
            "ground": ground,
        }
    )
    query = FootageQuery(
        from_us=begin,
        to_us=end,
        recording=recording,
        reader=reader,
        sensor=parse_sensor(sensor),
        part=part,
    )
    if dry_run:
        _print_plan(source, target, options, query, force=force, as_json=as_json)
        return
    with progress_bar("export-video") as progress:
        report = write_video(source, target, options, query=query, force=force, progress=progress)
    _print_report(report, speed, as_json=as_json)


def _print_plan(
    source: str,
    target: Path,
    options: "VideoOptions",
    query: "FootageQuery",
    *,
    force: bool,
    as_json: bool,
) -> None:
    from eventstore.video.write import plan_video

    footage, plan = plan_video(source, target, options, query=query, force=force)
    footage.keep_open.close()
    width, height = options.size_for(footage.sensor)
    if as_json:
        record: dict[str, Any] = {"status": "ok", "dry_run": True, "source": footage.name}
        record |= {"target": str(target), "frames": plan.n_frames}
        typer.echo(json.dumps({**record, "width": width, "height": height}, ensure_ascii=False))
        return
    of = "pictures" if plan.n_frames is None else f"{plan.n_frames:,} pictures"
    typer.echo(f"would write {of} of {width} × {height} of {footage.name} to {target}")


def _print_report(report: "VideoReport", speed: float, *, as_json: bool) -> None:
    if as_json:
        record = {field.name: getattr(report, field.name) for field in fields(report)}
        names = {"n_frames": "frames", "n_events": "events", "n_bytes": "bytes"}
        record |= {"target": str(report.target), "took_s": round(report.took_s, 3)}
        told = {names.get(name, name): value for name, value in record.items()}
        typer.echo(json.dumps({"status": "ok", "dry_run": False, **told}, ensure_ascii=False))
        return
    pace = "real time" if speed == 1 else f"{speed:g} × real time"
    typer.echo(
        f"wrote {report.n_frames:,} pictures of {report.width} × {report.height}, "
        f"{report.seconds:.1f} s at {pace}, to {report.target}: "
        f"{report.n_events:,} events, {report.n_bytes:,} bytes, in {report.took_s:.1f} s"
    )
