"""The verb ``spikelake train``."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.cli_task import Datasets
from snn.cli_options import AsJson, Threads, TorchDevice, is_first_process, use_threads

if TYPE_CHECKING:
    from catalog.tasks.task import TaskRound
    from snn.planned_runs import PlannedRun
    from snn.tasks import Run


class Log(StrEnum):
    """Where epochs are logged."""

    CSV = "csv"
    TENSORBOARD = "tensorboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """How runs are trained.

    Args:
        resume: go on with interrupted ones, keep finished ones.
        every: steps between checkpoints; None: one after each epoch.
        device: where to train.
        log: where epochs are logged.
    """

    resume: bool
    every: int | None
    device: str
    log: Log


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
    seeds: Annotated[
        int | None, typer.Option(help="Number of runs, with seeds 0, 1, 2 …", min=1)
    ] = None,
    round_: Annotated[
        list[str] | None,
        typer.Option(
            "--round", help="Round of a cross-validation; all if absent; repeat for more."
        ),
    ] = None,
    datasets: Datasets = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with interrupted runs, keep finished ones.")
    ] = False,
    checkpoint_every: Annotated[
        int | None,
        typer.Option(help="Keep the state every so many steps; after each epoch if absent.", min=1),
    ] = None,
    torch_device: TorchDevice = "cpu",
    log: Annotated[
        Log, typer.Option(help="Log epochs also as event files; history.csv is always kept.")
    ] = Log.CSV,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw each run's learning_curve.png into its folder.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check task, recipe and folders, train nothing.")
    ] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Train a recipe on a task, or on the train fold of a split.

    The test samples are looked at once, with the epoch chosen on the task's validation samples, or
    on recordings held out from training. Of several seeds mean and deviation are told.
    """
    use_threads(threads)
    from snn.planned_runs import check_folders, plan_runs, summary_of
    from snn.processes import joined
    from snn.recipe import load_recipe
    from snn.task_data import check_pipeline
    from snn.torch_device import torch_device_named

    device = torch_device_named(torch_device)
    all_seeds = _seeds(seed, seeds)
    rounds, base = _open_rounds(task, round_ or [], datasets), load_recipe(recipe)
    for data in rounds:
        check_pipeline(data, base)
    planned = plan_runs(rounds, base, all_seeds, out)
    check_folders(planned, resume=resume)
    _check_log(log)
    if dry_run:
        plan = _plan(str(rounds[0].reference), base.name, all_seeds, out)
        _show(plan | _named([data.name for data in rounds]), as_json=as_json)
        return
    runs = []
    # Of several processes that train together, the first one speaks.
    with joined(device) as team:
        for one in planned:
            how = Trained(resume=resume, every=checkpoint_every, device=torch_device, log=log)
            runs.append(_run(one, how, plot=plot and team.is_first))
            if as_json and team.is_first:
                typer.echo(json.dumps(_run_row(runs[-1])))
    if not team.is_first:
        return
    if not as_json:
        _print_runs(runs)
    elif len(runs) > 1:
        values = summary_of(runs).to_dict()
        typer.echo(json.dumps({"summary": runs[0].task, "recipe": base.name, **values}))


def _seeds(seed: list[int] | None, seeds: int | None) -> list[int]:
    from eventstore.errors import InvalidInput

    if seed and seeds is not None:
        message = "--seed and --seeds both say which runs to make"
        raise InvalidInput(message, hint="--seeds 3 is the same as --seed 0 --seed 1 --seed 2")
    return list(range(seeds)) if seeds is not None else seed or [0]


def _check_log(log: Log) -> None:
    """Refuse a log that cannot be written, before anything is trained."""
    if log is Log.TENSORBOARD:
        from snn.tensorboard_log import TensorBoardLog

        TensorBoardLog(Path())


def _run(one: "PlannedRun", how: Trained, *, plot: bool) -> "Run":
    """Train a run, or take it as it is if it was finished before."""
    from snn.cli_progress import shown_progress
    from snn.tasks import train_task
    from snn.tensorboard_log import TensorBoardLog

    logs = [TensorBoardLog(one.folder / "tensorboard")] if how.log is Log.TENSORBOARD else []
    run = one.finished() if how.resume else None
    if run is not None:
        if is_first_process():
            typer.echo(f"{one.title}: finished before, in {one.folder}", err=True)
            for each in logs:
                each.begin(run.result.history)
                each.close()
    else:
        with shown_progress(one.title, one.recipe.training.epochs) as shown:
            run = train_task(
                one.data,
                one.recipe,
                one.folder,
                resume=how.resume,
                checkpoint_every=how.every,
                torch_device=how.device,
                logs=logs,
                on_step=shown.on_step,
                on_epoch=shown.on_epoch,
            )
    if plot:
        _plot(run)
    return run


def _plot(run: "Run") -> None:
    from eventstore.durable import DurableFolder
    from snn.history_plot import history_plot

    title = f"{run.recipe.name}, seed {run.seed}, on {run.task.partition('#')[0]}"
    if run.round:
        title += f", round {run.round}"
    title += f": test accuracy {run.metrics['accuracy']:.1%}"
    folder = DurableFolder(run.folder)
    picture = history_plot(run.result.history, run.result.best_epoch, title=title)
    folder.stage("learning_curve.png", [picture], derived=True)
    folder.settle()


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


def _named(rounds: list[str]) -> dict[str, Any]:
    return {"rounds": rounds} if any(rounds) else {}


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

    from snn.planned_runs import summary_of

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
        console.print(str(summary_of(runs)), soft_wrap=True)
