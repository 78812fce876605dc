"""The verb ``spikelake chip deploy``, and how a configuration is loaded for a verb."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from eventstore.errors import MissingExtra
from eventstore.findings import has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record

if TYPE_CHECKING:
    from devices.protocol import Chip
    from eventstore.findings import Finding

ConfigFile: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="CONFIG", help="File of a configuration.", show_default=False),
]
OwnChip: TypeAlias = Annotated[
    str | None,
    typer.Option("--chip", help="Chip it must be for; as its header says if absent."),
]
SlowClock: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--slow-clock",
        metavar="HZ",
        help="Ticks a second at which biases are added and the readout decides: 1 / dt.",
    ),
]

BiasTableFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--bias-table",
        metavar="FILE",
        help="DYNAP-SE2: JSON of the currents in amperes that coarse and fine numbers make.",
    ),
]


def add_deploy(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("deploy")(_deploy)


def checked(config: Path, chip: str | None, *, as_json: bool) -> "tuple[Chip[Any], dict[str, Any]]":
    """Load a configuration and print what is odd about it.

    Args:
        config: its file.
        chip: name of the chip it must be for; None: as its header says.
        as_json: print findings as lines of JSON.

    Raises:
        NotFound: no such file or chip.
        FormatError: it is no configuration of that chip.
    """
    from devices.chips import CHIPS
    from devices.config_file import chip_of, load_config, read_config

    target = CHIPS[chip or chip_of(read_config(config), config)]
    loaded = load_config(config, target.name)
    if findings := target.check_config(loaded):
        print_findings(findings, as_json=as_json, where=str(config))
    return target, loaded


def _deploy(
    config: ConfigFile,
    *,
    chip: OwnChip = None,
    slow_clock: SlowClock = None,
    bias_table: BiasTableFile = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Check a configuration and write it to a board; needs the vendor's library, samna."""
    from devices.deploy import load_samna
    from devices.doors import door_of

    target, loaded = checked(config, chip, as_json=as_json)
    door = door_of(target, slow_clock_hz=slow_clock, bias_table=bias_table)
    record: dict[str, object] = {"status": "ok", "chip": target.name, "path": str(config)}
    try:
        samna = load_samna()
    except MissingExtra as error:
        if not dry_run:
            raise
        _tell(door.check(loaded), config, as_json=as_json)
        record |= {"dry_run": True, "vendor_validator": False}
        said = f"{config}: good for {target.name} by our checks; not by the vendor's: "
        print_record(record, as_json=as_json, said=said + error.message)
        return
    if dry_run:
        _tell(door.judge(loaded, samna), config, as_json=as_json)
        record |= {"dry_run": True, "vendor_validator": door.validates}
        by = "validator" if door.validates else "object; no validator for it is published"
        said = f"{config}: good for {target.name}, also by the vendor's {by}"
        print_record(record, as_json=as_json, said=said)
        return
    _tell(door.check(loaded), config, as_json=as_json)
    door.run(loaded, samna)
    print_record(record, as_json=as_json, said=f"{target.name} runs {config}")


def _tell(findings: "list[Finding]", config: Path, *, as_json: bool) -> None:
    """Print findings; end with a status of 1 if one is an error."""
    if findings:
        print_findings(findings, as_json=as_json, where=str(config))
    if has_errors(findings):
        raise typer.Exit(1)
