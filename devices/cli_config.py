"""The verbs ``spikelake chip config | diff | monitor``."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.output import print_table
from devices.cli_deploy import ConfigFile, OwnChip, SlowClock, checked
from devices.cli_speck import Clip, ReadoutRoom, Search, Split, chip_set, placed, refuse_clip
from devices.cli_steps import refuse_options
from devices.cli_xylo import Percentile, RoundBy, rounded_by
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_record

if TYPE_CHECKING:
    from devices.monitor import EventSource
    from devices.speck.config_options import ConfigOptions
    from devices.speck.family import Speck


def add_config(app: typer.Typer) -> None:
    """Add the verbs to the verbs of chips."""
    app.command("config")(_config)
    app.command("diff")(_diff)
    app.command("monitor")(_monitor)


def _config(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, as `spikelake train` leaves it, a NIR file, or a configuration "
            "(.json), to be written again.",
            show_default=False,
        ),
    ],
    *,
    chip: Annotated[
        str | None,
        typer.Option(
            "--chip",
            help="Name of the chip, see `spikelake chip list`; speck2f if absent, or that of a "
            "configuration.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write.", show_default=False, dir_okay=False)
    ] = None,
    monitor: Annotated[
        list[str] | None,
        typer.Option(help="Layer whose spikes are told; repeat for more. The last if absent."),
    ] = None,
    decimate: Annotated[
        list[str] | None,
        typer.Option(metavar="LAYER=N", help="Let one of N spikes of a layer pass; repeat."),
    ] = None,
    sensor: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help='Feed the chip\'s own camera, such as \'{"pool": [4, 4]}\'; "{}" as it is.',
        ),
    ] = None,
    readout: Annotated[
        int | None,
        typer.Option(metavar="THRESHOLD", help="Switch the on-chip readout on.", min=0, max=255),
    ] = None,
    readout_room: ReadoutRoom = None,
    search: Search = None,
    clip: Clip = None,
    split_layer: Split = None,
    round_by: RoundBy = None,
    percentile: Percentile = None,
    as_json: AsJson = False,
) -> None:
    """Write the configuration of a chip as JSON; without --out, print it."""
    from devices.config_file import write_config
    from devices.config_text import config_text
    from devices.model_files import chip_name_of, net_of
    from devices.speck.family import Speck
    from devices.tables import core_rows

    refuse_clip(model, clip)
    room = _room(readout, readout_room)
    asked = chip_set(chip_name_of(model, chip), clip=clip, search=search, readout=room)
    target = rounded_by(asked, model, round_by, percentile)
    if isinstance(target, Speck):
        options = _changed(_options_of(model, target), monitor, decimate, sensor, readout)
        again = search is not None or room is not None
        made = target.config(*placed(model, target, split_layer, again=again), options)
    else:
        given = {"monitor": monitor, "decimate": decimate, "sensor": sensor}
        refuse_options(target, {**given, "split-layer": split_layer})
        made = target.config(net_of(model, target))
    if out is None:
        typer.echo(
            f"{json.dumps(made, ensure_ascii=False)}\n" if as_json else config_text(made), nl=False
        )
        return
    write_config(made, out)
    record: dict[str, object] = {"status": "ok", "chip": target.name, "path": str(out)}
    if not isinstance(target, Speck):
        print_record(record, as_json=as_json, said=f"wrote {out}")
        return
    mapping = target.mapping_from_config(made)
    print_record({**record, "cores": mapping.cores}, as_json=as_json, said=f"wrote {out}")
    if not as_json:
        head, *rows = core_rows(mapping)
        print_table("cores", head, rows)


def _room(readout: int | None, readout_room: bool | None) -> bool | None:
    """Return whether the last core must have room for the readout; one that is on needs it."""
    if readout is None:
        return readout_room
    if readout_room is False:
        message = "--readout needs room on the last core, --no-readout-room leaves none"
        raise InvalidInput(message, hint="give one of the two")
    return True


def _diff(
    before: ConfigFile,
    after: Annotated[Path, typer.Argument(metavar="OTHER", help="The second.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two configurations field by field; of arrays, how much they differ."""
    from devices.config_diff import diff_configs
    from devices.config_file import read_config

    found = diff_configs(read_config(before), read_config(after))
    if as_json:
        head = {"before": str(before), "after": str(after), "differences": len(found)}
        typer.echo(json.dumps(head, ensure_ascii=False))
        for difference in found:
            typer.echo(json.dumps(difference.to_dict(), ensure_ascii=False))
    elif found:
        rows = [(difference.path, difference.text) for difference in found]
        print_table(f"{before} → {after}", ("field", "difference"), rows)
    else:
        typer.echo(f"{before} and {after} say the same")


def _monitor(
    config: ConfigFile,
    *,
    into: Annotated[
        Path, typer.Option(metavar="DATASET", help="Dataset to append to.", show_default=False)
    ],
    recording: Annotated[str, typer.Option(help="Name of the recording.")] = "monitor",
    play: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Simulate the chip on the events of a file, without a board."
        ),
    ] = None,
    chip: OwnChip = None,
    seconds: Annotated[
        float | None, typer.Option(help="End after so long; else with Ctrl-C.", min=0.0)
    ] = None,
    part_seconds: Annotated[
        float, typer.Option(help="Length of a part: a kill loses no more.", min=0.001)
    ] = 10.0,
    slow_clock: SlowClock = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record the spikes that a board tells, or its simulation, into a dataset."""
    from contextlib import ExitStack

    from catalog.dataset import Dataset
    from devices.monitor_recording import record_monitor

    target, loaded = _checked(config, chip, as_json=as_json)
    dataset = Dataset.open(into)
    record: dict[str, object] = {"status": "ok", "chip": target.name, "dataset": str(into)}
    if dry_run:
        whence = "a board" if play is None else str(play)
        said = f"would have recorded {target.name} on {whence} into {into} as {recording}/0000 …"
        print_record({**record, "dry_run": True}, as_json=as_json, said=said)
        return
    with ExitStack() as stack:
        source = (
            _board(stack, target, loaded, slow_clock)
            if play is None
            else _played(target, loaded, play, slow_clock)
        )
        found = record_monitor(
            source, dataset, recording, part_us=round(part_seconds * 1e6), seconds=seconds
        )
    record |= {"recordings": found.recordings, "n_spikes": found.n_spikes}
    record |= {"n_disordered": found.n_disordered}
    n = len(found.recordings)
    parts = f"{n} recording{'' if n == 1 else 's'} of {into}"
    said = f"recorded {found.n_spikes:,} spikes of {target.name} in {parts}"
    print_record(record, as_json=as_json, said=said)


def _board(
    stack: Any,  # noqa: ANN401  (an ExitStack, imported where it is used)
    target: "Speck",
    config: dict[str, Any],
    slow_clock: float | None,
) -> "EventSource":
    from devices.deploy import load_samna
    from devices.speck.deploy import Board

    board = stack.enter_context(Board.open(target.spec, load_samna()))
    board.upload(config, slow_clock_hz=slow_clock)
    source: EventSource = board.spikes(config)
    return source


def _played(
    target: "Speck", config: dict[str, Any], play: Path, slow_clock: float | None
) -> "EventSource":
    from devices.speck.deploy import needs_slow_clock
    from devices.speck.simulated_board import SimulatedBoard
    from eventstore.readers.open import read_file

    if slow_clock is None and needs_slow_clock(config):
        message = "the configuration has biases or a readout: they need the slow clock"
        raise InvalidInput(message, hint="give its rate, 1 / dt: --slow-clock HZ")
    period = round(1e6 / slow_clock) if slow_clock else 1000
    packets = read_file(play).packets
    return SimulatedBoard(config, target.spec, packets, slow_clock_us=period)


def _checked(config: Path, chip: str | None, *, as_json: bool) -> tuple["Speck", dict[str, Any]]:
    """Load a configuration of a chip of the Speck family and print what is odd about it."""
    from devices.speck.family import Speck

    target, loaded = checked(config, chip, as_json=as_json)
    if not isinstance(target, Speck):
        message = f"{target.name} is not of the Speck family, the only one whose boards are read"
        raise InvalidInput(message, hint="read its board by the vendor's own tools")
    return target, loaded


def _options_of(model: Path, target: "Speck") -> "ConfigOptions":
    """Return what a configuration says beside the network; the usual for other models."""
    from devices.config_file import read_config
    from devices.model_files import is_config
    from devices.speck.config_graph import options_from_config
    from devices.speck.config_options import ConfigOptions

    if not is_config(model):
        return ConfigOptions()
    return options_from_config(read_config(model), target.spec)


def _changed(
    options: "ConfigOptions",
    monitor: list[str] | None,
    decimate: list[str] | None,
    sensor: str | None,
    readout: int | None,
) -> "ConfigOptions":
    """Return options with those of the command, where it has some, in place of them."""
    from devices.speck.config_options import ReadoutOptions

    if monitor is not None:
        options = replace(options, monitor=tuple(monitor))
    if decimate is not None:
        options = replace(options, decimate=dict(_one_of(text) for text in decimate))
    if sensor is not None:
        options = replace(options, sensor=_sensor(sensor), pass_sensor_events=True)
    if readout is not None:
        told = options.readout or ReadoutOptions()
        options = replace(options, readout=replace(told, threshold=readout))
    return options


def _one_of(text: str) -> tuple[str, int]:
    layer, _, number = text.rpartition("=")
    if not layer or not number.isdigit():
        message = f"--decimate {text!r} is not of the form LAYER=N"
        raise InvalidInput(message, hint="such as --decimate conv1=4")
    return layer, int(number)


def _sensor(text: str) -> Any:  # noqa: ANN401  (a SensorLayer, imported where it is used)
    from devices.speck.sensor import SensorLayer

    try:
        fields = json.loads(text)
        layer: Any = SensorLayer
        return layer(**{name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()})
    except (AttributeError, TypeError, json.JSONDecodeError) as error:
        names = ", ".join(SensorLayer.__dataclass_fields__)
        message = f"--sensor {text!r}: {error}"
        raise InvalidInput(message, hint=f"an object of JSON with any of {names}") from error
