"""The verb ``spikelake evaluate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_task import Datasets
from snn.cli_options import AsJson, Threads, TorchDevice, use_threads
from snn.cli_tested import open_tested

if TYPE_CHECKING:
    from snn.task_data import TrainedOn
    from snn.tasks import Run


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("evaluate")(_evaluate)


def _evaluate(
    run: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    split: Annotated[
        str,
        typer.Option(
            help="What to evaluate on: FOLDER@VERSION/task:NAME or FOLDER@VERSION/split:NAME."
        ),
    ],
    *,
    fold: Annotated[str, typer.Option(help="Fold of the split, or role in the task.")] = "test",
    plot: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures: confusion.png and latency.png."),
    ] = None,
    datasets: Datasets = None,
    torch_device: TorchDevice = "cpu",
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a trained run on a fold of a split.

    Accuracy, precision and recall of each class, confusion, accuracy over time, and the spikes and
    synaptic operations of each layer.
    """
    use_threads(threads)
    from snn.tasks import evaluate_run, load_run
    from snn.torch_device import torch_device_named

    trained = load_run(run)
    trained.model.to(torch_device_named(torch_device))
    on = open_tested(split, trained.round, datasets)
    found = evaluate_run(trained, on, fold)
    step_ms = _step_ms(trained)
    written: list[Path] = []
    if plot is not None:
        from snn.evaluation_plot import write_plots

        title = f"{trained.recipe.name}, seed {trained.seed}, on {fold} of {_short(on)}"
        title += f": accuracy {found.accuracy:.1%}"
        written = write_plots(found, trained.label_names, plot, title=title, step_ms=step_ms)
    if as_json:
        facts = {
            "run": str(run),
            "task": str(on.reference),
            "fold": fold,
            "label_names": list(trained.label_names),
            "step_ms": step_ms,
            **found.to_dict(),
        }
        typer.echo(json.dumps(facts | ({"plots": [str(p) for p in written]} if written else {})))
        return
    from rich.console import Console

    from snn.evaluation_tables import print_evaluation

    console = Console(highlight=False, markup=False)
    print_evaluation(found, trained.label_names, console, step_ms=step_ms)
    if written:
        typer.echo(f"written: {', '.join(map(str, written))}")


def _short(on: "TrainedOn") -> str:
    """Return what was evaluated on, without its digest."""
    return str(on.reference).partition("#")[0]


def _step_ms(run: "Run") -> float | None:
    """Return the length of a time step, where the recipe's frames all have one."""
    from eventstore.transforms.frames import FramesByTime

    last = run.recipe.evaluation_pipeline.stages[-1]
    return last.window_us / 1000 if isinstance(last, FramesByTime) else None
