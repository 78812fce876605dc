"""The verb ``spikelake robustness``."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.cli_task import Datasets

if TYPE_CHECKING:
    from snn.robustness_of_runs.options import ReportOptions
    from snn.robustness_of_runs.report import RobustnessReport
    from snn.task_data import TrainedOn
    from snn.tasks import Run


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("robustness")(_robustness)


def _robustness(
    runs: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of runs, or folders that hold runs; of one or several recipes.",
            show_default=False,
        ),
    ],
    *,
    split: Annotated[
        str,
        typer.Option(
            help="What to test on: FOLDER@VERSION/task:NAME or FOLDER@VERSION/split:NAME."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    fold: Annotated[str, typer.Option(help="Fold of the split, or role in the task.")] = "test",
    sigma: Annotated[
        list[float] | None,
        typer.Option(help="Mismatch as a share: 0.2 is 20 %; repeat for several."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Chips drawn of each run and sigma.", min=1)] = 20,
    jitter_us: Annotated[
        list[float] | None, typer.Option(help="Jitter of events in µs; repeat for several.")
    ] = None,
    drop: Annotated[
        list[float] | None, typer.Option(help="Share of events lost; repeat for several.")
    ] = None,
    weights: Annotated[bool, typer.Option(help="Whether weights deviate.")] = True,
    thresholds: Annotated[bool, typer.Option(help="Whether thresholds deviate.")] = True,
    time_constants: Annotated[bool, typer.Option(help="Whether time constants do.")] = True,
    limit: Annotated[int, typer.Option(help="Samples to test on; 0: all.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of all draws.", min=0)] = 0,
    datasets: Datasets = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check runs and data, test nothing.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(help="Threads to compute with; all cores if absent.", min=1)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON instead of tables.")
    ] = False,
) -> None:
    """Test runs under mismatch of their numbers, jitter of events and loss of events.

    Runs of one recipe, best of three seeds or more, make one curve each; several recipes, such as
    a plain and a robust one, are compared. Leaves robustness.json, .md and .png.
    """
    _use_threads(threads)
    from snn.robustness_of_runs.files import write_report
    from snn.robustness_of_runs.options import ReportOptions
    from snn.robustness_of_runs.report import check_runs, robustness_report
    from snn.tasks import load_run

    usual = ReportOptions()
    options = ReportOptions(
        sigmas=_rising(sigma, usual.sigmas),
        n_draws=draws,
        jitter_us=_rising(jitter_us, usual.jitter_us),
        drop=_rising(drop, usual.drop),
        weights=weights,
        thresholds=thresholds,
        time_constants=time_constants,
        limit=limit,
        seed=seed,
    )
    loaded = [load_run(folder) for given in runs for folder in runs_in(given)]
    data = _open_tested(split, loaded, datasets)
    if dry_run:
        recipes = check_runs(loaded, data, fold=fold, options=options)
        _say_plan(str(data.reference), recipes, out, options, as_json=as_json)
        return
    with _progress() as on_part:
        report = robustness_report(loaded, data, fold=fold, options=options, on_part=on_part)
    written = write_report(report, out)
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
        return
    _print_report(report)
    typer.echo(f"written: {', '.join(map(str, written))}")


def _use_threads(threads: int | None) -> None:
    if threads is not None:
        import torch

        torch.set_num_threads(threads)


def runs_in(folder: Path) -> list[Path]:
    """Return the folder itself if it is a run, or else the runs in it, such as seeds of one."""
    inside = [] if (folder / "run.json").is_file() else sorted(folder.glob("*/run.json"))
    return [path.parent for path in inside] or [folder]


def _rising(given: list[float] | None, usual: tuple[float, ...]) -> tuple[float, ...]:
    """Return strengths in order, with 0 among them: what all others are compared with."""
    return tuple(sorted({0.0, *given})) if given else usual


def _open_tested(reference: str, runs: "list[Run]", datasets: str | None) -> "TrainedOn":
    """Open what to test on; of a task that cross-validates, the round that all runs are of."""
    from catalog.cli_task import open_quietly
    from catalog.folder import open_split
    from catalog.reference import parse_reference
    from eventstore.errors import InvalidInput

    if parse_reference(reference).task is None:
        return open_split(reference)
    task = open_quietly(reference, datasets)
    if not task.record.cross_validate:
        return task.round("")
    rounds = sorted({run.round for run in runs})
    if len(rounds) > 1:
        message = f"the runs are of rounds {', '.join(rounds)}, which test on different samples"
        raise InvalidInput(message, hint="report on the runs of one round at a time")
    return task.round(rounds[0])


@contextmanager
def _progress() -> "Iterator[Callable[[str], None] | None]":
    """Say what is being tested, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        yield status.update


def _say_plan(
    task: str, recipes: dict[str, int], out: Path, options: "ReportOptions", *, as_json: bool
) -> None:
    plan: dict[str, Any] = {"task": task, "recipes": recipes, "out": str(out), "dry_run": True}
    plan["options"] = options.to_dict()
    if as_json:
        typer.echo(json.dumps(plan))
        return
    typer.echo(f"task: {task}")
    for name, n_runs in recipes.items():
        typer.echo(f"recipe {name}: {n_runs} run{'s' if n_runs > 1 else ''}")
    for what, strengths, draws in (
        ("mismatch", [f"{s:.3g}" for s in options.sigmas], f"{options.n_draws} chips"),
        ("jitter", [f"{s:g} µs" for s in options.jitter_us], f"{options.n_event_draws} draws"),
        ("lost events", [f"{s:.3g}" for s in options.drop], f"{options.n_event_draws} draws"),
    ):
        typer.echo(f"{what}: {', '.join(strengths)}; {draws} of each run")
    typer.echo(f"out: {out}\ndry run: nothing was tested")


def _print_report(report: "RobustnessReport") -> None:
    from rich.console import Console
    from rich.table import Table

    from snn.robustness_of_runs.files import curve_named, parts_of

    console = Console(highlight=False, markup=False)
    for name, heading, axis, factor in parts_of(report):
        table = Table(title=f"{heading}: accuracy, with 5th to 95th percentile of draws")
        table.title_justify = "left"
        table.add_column(axis, justify="right", overflow="fold")
        for one in report.recipes:
            table.add_column(one.recipe, justify="right", overflow="fold")
        curves = [curve_named(one, name) for one in report.recipes]
        for points in zip(*curves, strict=True):
            cells = [f"{p.mean:.1%} ({100 * p.low:.0f}–{100 * p.high:.0f})" for p in points]
            table.add_row(f"{factor * points[0].strength:g}", *cells)
        console.print(table)
