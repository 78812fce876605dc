"""The verb ``spikelake chip spoken``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from snn.cli_options import AsJson, Threads, use_threads


def add_spoken(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("spoken")(_spoken)


def _spoken(
    archive: Annotated[
        Path,
        typer.Argument(
            help="Free Spoken Digits, the .tar.gz as GitHub packs it.", show_default=False
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for all that is written.", show_default=False)],
    chip: Annotated[str, typer.Option("--chip", help="xylo_audio3 or xylo_audio2.")] = (
        "xylo_audio3"
    ),
    encoding: Annotated[
        str | None,
        typer.Option(
            help="What the sounds are heard by, with options: xylo-audio3,floor=2048; the chip's "
            "front end if absent.",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[str, typer.Option(help="Training recipe.")] = "free-spoken-digits-xylo",
    seed: Annotated[int, typer.Option(help="Seed of training and tuning.")] = 0,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs of training; the recipe's if absent.", min=1)
    ] = None,
    tune_epochs: Annotated[
        int, typer.Option(help="Epochs of training through the chip's integers.", min=1)
    ] = 12,
    noise: Annotated[
        float,
        typer.Option(
            help="Noise on the network's numbers in training; 0.1 is a tenth of each.", min=0.0
        ),
    ] = 0.0,
    speakers: Annotated[
        bool, typer.Option(help="Train once more for each speaker, who is left out.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check archive, chip and recipe, write nothing.")
    ] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Teach a chip spoken digits: sounds, events, training, integers, report.

    WAV files become a versioned dataset as the chip's front end hears them; a network is trained,
    trained on through the chip's integers, and compared with them on the test recordings.
    """
    use_threads(threads)
    from catalog.output import print_table
    from devices.spoken.flow import SpokenConfig, check_spoken, run_spoken
    from eventstore.durable import DurableFolder

    config = SpokenConfig(
        archive=archive,
        out=out,
        chip=chip,
        encoding=encoding,
        recipe=recipe,
        seed=seed,
        epochs=epochs,
        tune_epochs=tune_epochs,
        noise=noise,
        speakers=speakers,
    )
    if dry_run:
        plan = check_spoken(config)
        rows = [(name.replace("_", " "), str(value)) for name, value in plan.items()]
        typer.echo(json.dumps(plan)) if as_json else print_table("would do", (), rows)
        return
    facts = run_spoken(config, say=lambda line: typer.echo(line, err=True))
    folder = DurableFolder(out)
    folder.stage("facts.json", [json.dumps(facts.to_dict(), indent=1).encode()])
    folder.settle()
    if as_json:
        typer.echo(json.dumps(facts.to_dict()))
    else:
        print_table("spoken digits", (), facts.lines())
