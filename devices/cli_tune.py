"""The verb ``spikelake chip tune``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.cli_task import Datasets
from snn.cli_options import AsJson, Threads, use_threads

if TYPE_CHECKING:
    from snn.task_data import TrainedOn
    from snn.tasks import Run


def add_tune(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("tune")(_tune)


def _tune(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, as `spikelake train` leaves it.",
            show_default=False,
            metavar="RUN",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the tuned run.", show_default=False)],
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="TASK",
            help="What to train on, FOLDER@VERSION/split:NAME or task:NAME; what the run was "
            "trained on if absent.",
            show_default=False,
        ),
    ] = None,
    chip: Annotated[
        str, typer.Option("--chip", help="Name of the chip; see `spikelake chip list`.")
    ] = "speck2f",
    finer: Annotated[
        int | None,
        typer.Option(
            help="Cut time steps into so many; 1: leave them. 10, and 1 for Xylo, if absent.",
            min=1,
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the training samples.", min=1)] = 8,
    learning_rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Seed of order and augmentation.")] = 0,
    datasets: Datasets = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check run, chip and data, train nothing.")
    ] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Train a run on through a chip's integers, so that the chip does as well as the floats.

    The epoch is chosen by what the chip says of samples held out from training, event by event
    where it takes single events.
    What comes out is a run like any other, for `evaluate`, `chip report` and `chip config`.
    """
    use_threads(threads)
    import devices.chips
    from devices.protocol import CoreChip
    from devices.tuning import TuneConfig, check_tunable, tune_run
    from snn.cli_progress import shown_progress
    from snn.tasks import load_run

    run, target = load_run(model.parent if model.is_file() else model), devices.chips.chip(chip)
    if finer is None:
        finer = 10 if isinstance(target, CoreChip) else 1
    config = TuneConfig(finer=finer, epochs=epochs, learning_rate=learning_rate, seed=seed)
    data = _opened(run, on, datasets)
    recipe = check_tunable(run, data, target, config, out_dir=out)
    if dry_run:
        plan = {"run": str(model), "on": str(data.reference), "chip": chip, "recipe": recipe.name}
        _say(plan | {"epochs": epochs, "out": str(out), "dry_run": True}, as_json=as_json)
        return
    with shown_progress(f"{model.name} on {chip}", epochs) as shown:
        tuned = tune_run(
            run,
            data,
            target,
            out,
            config=config,
            on_step=shown.on_step,
            on_epoch=shown.on_epoch,
        )
    _say(_facts(run, tuned), as_json=as_json)


def _opened(run: "Run", on: str | None, datasets: str | None) -> "TrainedOn":
    """Open what to train on: as said, or what the run was trained on, by its digest."""
    from catalog.cli_task import open_quietly
    from catalog.folder import open_split
    from catalog.reference import parse_reference
    from eventstore.errors import InvalidInput, NotFound, SpikelakeError

    reference = on or run.task
    try:
        if parse_reference(reference).task is None:
            return open_split(reference)
        task = open_quietly(reference, datasets)
    except (NotFound, InvalidInput, SpikelakeError) as error:
        if on is not None:
            raise
        message = f"what the run was trained on cannot be opened: {error}"
        raise NotFound(message, hint="say where it lies: --on FOLDER@VERSION/split:NAME") from error
    return task.round(run.round if task.record.cross_validate else "")


def _facts(run: "Run", tuned: "Run") -> dict[str, Any]:
    chosen = tuned.result.history[tuned.result.best_epoch]
    on_chip = tuned.metrics["chip"]
    measured = "event_accuracy" if "event_accuracy" in on_chip else "chip_accuracy"
    return {
        "run": str(tuned.folder),
        "from": str(run.folder),
        "chip": on_chip["chip"],
        "best_epoch": tuned.result.best_epoch,
        f"held_out_{measured}_before": tuned.origin[f"held_out_{measured}_before"],
        f"held_out_{measured}": chosen.held_out_accuracy,
        "test_accuracy_before": run.metrics.get("accuracy"),
        "test_accuracy": tuned.metrics["accuracy"],
        f"test_{measured}": on_chip[measured],
        "seconds": round(sum(row.seconds for row in tuned.result.history), 2),
    }


def _say(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    from catalog.output import print_table

    rows = [(name.replace("_", " "), _shown(name, value)) for name, value in facts.items()]
    print_table("tuned" if "dry_run" not in facts else "would tune", (), rows)


def _shown(name: str, value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.1%}" if "accuracy" in name and isinstance(value, float) else str(value)
