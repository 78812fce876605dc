"""The verb ``spikelake demo``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from devices.demo.facts import DemoFacts

SIMULATED_EPOCHS = 15
"""The simulated digits are learnt by then; recorded ones take the recipe's epochs."""


def demo(
    *,
    source: Annotated[
        Path | None,
        typer.Option(help="Folder with N-MNIST's Train.zip and Test.zip; simulated if absent."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for everything the demo writes.")] = Path(
        "spikelake-demo"
    ),
    seeds: Annotated[
        int | None, typer.Option(help="Trainings; 3 with a source, else 1.", show_default=False)
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(help="Epochs; the recipe's with a source, else 15.", show_default=False),
    ] = None,
    recipe: Annotated[str, typer.Option(help="Training recipe.")] = "nmnist-conv",
    chip: Annotated[str, typer.Option(help="Chip to simulate.")] = "speck2f",
    digits: Annotated[
        int | None, typer.Option(help="Simulate only the first so many digits.")
    ] = None,
    recordings_only: Annotated[
        bool,
        typer.Option(
            "--recordings-only", help="Write the simulated Train.zip and Test.zip, and no more."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the facts as one line.")] = False,
) -> None:
    """Do the main job from end to end.

    Recordings, dataset, version, split, training, chip, report.html.
    """
    if recordings_only:
        written = write_recordings(out, source, digits)
        typer.echo(
            json.dumps({"archives": written}) if as_json else f"wrote {' and '.join(written)}"
        )
        return
    from devices.demo.page import report_page
    from devices.demo.run import DemoConfig, run_demo
    from eventstore.durable import DurableFolder

    config = DemoConfig(
        out=out,
        source=source,
        recipe=recipe,
        chip=chip,
        seeds=seeds if seeds is not None else 3 if source else 1,
        epochs=epochs if source or epochs is not None else SIMULATED_EPOCHS,
        n_digits=digits,
    )
    facts = run_demo(config, say=lambda line: typer.echo(line, err=True))
    folder = DurableFolder(out)
    folder.stage("report.html", [report_page(facts).encode()])
    folder.stage("facts.json", [json.dumps(facts.to_dict(), indent=1).encode()])
    folder.settle()
    if as_json:
        typer.echo(json.dumps(facts.to_dict()))
    else:
        typer.echo(printed_report(facts, out / "report.html"))


def write_recordings(out: Path, source: Path | None, n_digits: int | None) -> list[str]:
    """Simulate the demo's recordings into a folder and return the paths of the archives.

    Raises:
        InvalidInput: a source was given, whose recordings need no simulation.
        AlreadyExists: one of the archives is there.
    """
    from devices.demo.digits import write_digit_archives
    from devices.demo.run import ARCHIVES
    from eventstore.errors import AlreadyExists, InvalidInput

    if source is not None:
        message = f"--recordings-only simulates recordings, and {source} has some"
        raise InvalidInput(message, hint="leave out one of --source and --recordings-only")
    for name in ARCHIVES:
        if (out / name).exists():
            message = f"{out / name} is there already"
            raise AlreadyExists(message, hint="go on with it, or choose another folder with --out")
    return [str(path) for path in write_digit_archives(out, n_digits=n_digits)]


def printed_report(facts: "DemoFacts", page: Path) -> str:
    """Return the report in a few lines for a terminal."""
    data = facts.data
    kind = "simulated recordings" if data.simulated else "recordings"
    seeds = ", ".join(f"{100 * run.test_accuracy:.1f}" for run in facts.runs)
    cores = ", ".join(f"{row['layer']} → core {row['core']}" for row in facts.chip.layers)
    per_event = data.stored_bytes / max(data.n_events, 1)
    on_chip = f"{100 * facts.chip_accuracy:.1f} %, {facts.points_lost:.1f} points lost"
    by_event = f"{100 * facts.chip.event_accuracy:.1f} % (seed {facts.runs[0].seed})"
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in facts.seconds.items())
    lines = (
        ("data", f"{data.n_recordings:,} {kind}, {data.n_events:,} events"),
        ("store", f"{data.stored_bytes / 1e6:.1f} MB, {per_event:.2f} bytes per event"),
        ("cite as", data.reference),
        ("float", f"{100 * facts.test_accuracy:.1f} % of test recordings (seeds: {seeds})"),
        (facts.chip.chip, f"{on_chip}, in time steps; event by event {by_event}"),
        ("mapping", cores),
        ("time", stages),
        ("report", str(page)),
    )
    return "\n".join(f"{name:9} {text}" for name, text in lines)


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(demo)
