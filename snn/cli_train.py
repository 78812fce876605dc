"""The verb ``spikelake train``."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.cli_task import Datasets
from snn.cli_options import AsJson, Threads, use_threads

if TYPE_CHECKING:
    from catalog.tasks.task import TaskRound
    from snn.progress import EpochRow, OnEpoch
    from snn.tasks import Run


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("train")(_train)


def _train(
    task: Annotated[
        str,
        typer.Argument(
            help="What to train on: FOLDER@VERSION/task:NAME or FOLDER@VERSION/split:NAME.",
            metavar="TASK",
            show_default=False,
        ),
    ],
    *,
    recipe: Annotated[str, typer.Option(help="Name of a recipe, or a .toml file.")],
    out: Annotated[Path, typer.Option(help="Folder for the runs, one below it per seed.")],
    seed: Annotated[list[int] | None, typer.Option(help="Seed; repeat for several runs.")] = None,
    round_: Annotated[
        list[str] | None,
        typer.Option(
            "--round", help="Round of a cross-validation; all if absent; repeat for more."
        ),
    ] = None,
    datasets: Datasets = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with interrupted runs.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check task and recipe, train nothing.")
    ] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Train a recipe on a task, or on the train fold of a split.

    The test samples are looked at once, with the epoch chosen on the task's validation samples, or
    on recordings held out from training.
    """
    use_threads(threads)
    from snn.recipe import load_recipe
    from snn.task_data import check_pipeline
    from snn.tasks import train_task

    rounds, base = _open_rounds(task, round_ or [], datasets), load_recipe(recipe)
    for data in rounds:
        check_pipeline(data, base)
    seeds = seed or [0]
    if dry_run:
        plan = _plan(str(rounds[0].reference), base.name, seeds, out)
        _show(plan | _named([data.name for data in rounds]), as_json=as_json)
        return
    runs = []
    for data, one in product(rounds, seeds):
        wanted, folder = base.with_seed(one), _round_folder(out, data.name) / f"seed-{one}"
        what = f"{data.name} seed {one}".strip()
        with _progress(what, wanted.training.epochs) as on_epoch:
            run = train_task(data, wanted, folder, resume=resume, on_epoch=on_epoch)
        runs.append(run)
        if as_json:
            typer.echo(json.dumps(_run_row(run)))
    if not as_json:
        _print_runs(runs)


def _open_rounds(reference: str, names: list[str], datasets: str | None) -> "list[TaskRound]":
    """Open what to train on: the rounds of a task, or a split as one round."""
    from catalog.cli_task import open_quietly
    from catalog.folder import open_split
    from catalog.reference import parse_reference
    from eventstore.errors import InvalidInput
    from snn.task_data import as_round

    if parse_reference(reference).task is None:
        if names:
            message = f"--round {names[0]}, and {reference} is no task"
            raise InvalidInput(message, hint="spikelake task make … --cross-validate makes one")
        return [as_round(open_split(reference))]
    task = open_quietly(reference, datasets)
    return [as_round(task.round(name)) for name in names or task.round_names]


def _round_folder(out: Path, name: str) -> Path:
    """Return the folder of a round; signs that no folder could have are escaped."""
    from urllib.parse import quote

    return out / f"round-{quote(name, safe='')}" if name else out


def _named(rounds: list[str]) -> dict[str, Any]:
    return {"rounds": rounds} if any(rounds) else {}


@contextmanager
def _progress(what: str, epochs: int) -> "Iterator[OnEpoch | None]":
    """Show epochs as they come, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} epochs"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        shown = bar.add_task(what, total=epochs)

        def on_epoch(row: "EpochRow") -> None:
            held = row.held_out_accuracy
            suffix = "" if held is None else f", held-out {held:.1%}"
            bar.update(
                shown, completed=row.epoch + 1, description=f"{what}: loss {row.loss:.3f}{suffix}"
            )

        yield on_epoch


def _plan(task: str, recipe: str, seeds: list[int], out: Path) -> dict[str, Any]:
    return {"task": task, "recipe": recipe, "seeds": seeds, "out": str(out), "dry_run": True}


def _run_row(run: "Run") -> dict[str, Any]:
    return {
        "run": str(run.folder),
        "task": run.task,
        **({"round": run.round} if run.round else {}),
        "recipe": run.recipe.name,
        "seed": run.seed,
        "best_epoch": run.result.best_epoch,
        "test_accuracy": run.metrics["accuracy"],
        "seconds": round(sum(row.seconds for row in run.result.history), 2),
    }


def _show(values: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps(values) if as_json else "\n".join(f"{k}: {v}" for k, v in values.items()))


def _print_runs(runs: "list[Run]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{runs[0].recipe.name} on {runs[0].task}", title_justify="left")
    for name in ("seed", "best epoch", "held-out", "test", "seconds", "folder"):
        table.add_column(name, justify="left" if name == "folder" else "right", overflow="fold")
    for run in runs:
        best = run.result.history[run.result.best_epoch]
        held = best.held_out_accuracy
        table.add_row(
            str(run.seed),
            str(run.result.best_epoch),
            "–" if held is None else f"{held:.1%}",
            f"{run.metrics['accuracy']:.1%}",
            f"{sum(row.seconds for row in run.result.history):.0f}",
            str(run.folder),
        )
    console = Console(highlight=False, markup=False)
    console.print(table)
    if len(runs) > 1:
        console.print(_summary(runs))


def _summary(runs: "list[Run]") -> str:
    """Say the mean over seeds, of each the mean over the rounds."""
    from statistics import mean

    by_seed: dict[int, list[float]] = {}
    for run in runs:
        by_seed.setdefault(run.seed, []).append(float(run.metrics["accuracy"]))
    values = [mean(of_seed) for of_seed in by_seed.values()]
    n_rounds = len({run.round for run in runs})
    rounds = f"{n_rounds} rounds" if n_rounds > 1 else ""
    if len(values) == 1:
        return f"test accuracy {values[0]:.2%} over {rounds}"
    found, deviation = _spread(values)
    of_each = f", of each the mean over {rounds}" if rounds else ""
    return f"test accuracy {found:.2%} ± {deviation:.2%} over {len(values)} seeds{of_each}"


def _spread(values: list[float]) -> tuple[float, float]:
    from statistics import mean, stdev

    return mean(values), stdev(values)
