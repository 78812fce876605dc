"""The verbs ``spikelake benchmark make | verify``."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_task import Datasets, open_quietly
from catalog.reference import parse_reference
from eventstore.errors import NotFound
from eventstore.findings import has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record

if TYPE_CHECKING:
    from catalog.tasks.benchmark import BenchmarkCard
    from catalog.tasks.result import Result

app = typer.Typer(name="benchmark", help="Cards of results on tasks, which can be checked again.")

CARD, PAGE, RESULT = "benchmark.json", "benchmark.md", "result.json"


@app.command("make")
def make(
    results: Annotated[
        list[Path],
        typer.Argument(
            metavar="RESULT…",
            help="Files of results, or folders of runs that hold result.json.",
            show_default=False,
        ),
    ],
    *,
    task: Annotated[
        str, typer.Option(help="DATASET@VERSION/task:NAME, checked first.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help=f"Folder for {CARD} and {PAGE}.", show_default=False)],
    datasets: Datasets = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make the card of a result: mean, deviation and interval over seeds, digests, code.

    All runs must be of one model, on the task as it is here.
    """
    from catalog.tasks.benchmark import make_card
    from catalog.tasks.benchmark_text import card_page
    from catalog.text_files import write_text

    found = list(_results(results))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with open_quietly(task, datasets) as opened:
        rounds = opened.round_names
        card = make_card(opened.record, opened.reference, found, rounds=rounds, date=now)
    if not dry_run:
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / PAGE, card_page(card))
        write_text(out / CARD, card.text())
    facts = {"status": "ok", "dry_run": dry_run, "card": str(out / CARD), "task": card.task}
    facts |= {"metric": card.metric, **card.value, "digest": card.digest}
    done = "would have written" if dry_run else "wrote"
    print_record(facts, as_json=as_json, said=f"{_said(card)}\n{done} {out / CARD} and {PAGE}")


@app.command("verify")
def verify(
    card: Annotated[Path, typer.Argument(help=f"A {CARD}, or its folder.", show_default=False)],
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the dataset that the task lies in, or the folder around it; without "
            "it the card alone is checked.",
            show_default=False,
        ),
    ] = None,
    datasets: Datasets = None,
    as_json: AsJson = False,
) -> None:
    """Recompute all that a card says: means, metrics, and the digests of its task from the data."""
    from catalog.tasks.benchmark import BenchmarkCard
    from catalog.tasks.benchmark_check import check_card
    from catalog.text_files import decode_text

    path = card / CARD if card.is_dir() else card
    if not path.is_file():
        message = f"no card {path}"
        raise NotFound(
            message, hint="make one: spikelake benchmark make RESULT… --task TASK --out …"
        )
    held = BenchmarkCard.parse(decode_text(path.read_bytes(), path), path=str(path))
    if data is None:
        findings = check_card(held, None, path=str(path))
    else:
        with open_quietly(_located(held, data), datasets) as task:
            findings = check_card(held, task, path=str(path))
    print_findings(findings, as_json=as_json, where=str(path))
    if not as_json and not findings:
        typer.echo(_said(held))
    if data is None and not as_json:
        typer.echo("its task was not checked: name where the data is, --data FOLDER")
    if has_errors(findings):
        raise typer.Exit(1)


def _located(card: "BenchmarkCard", data: Path) -> str:
    """Return the reference of a card's task in a folder of data."""
    from catalog.folder import open_catalog

    cited = parse_reference(card.task)
    root = open_catalog(data).dataset(cited.dataset).root
    return f"{root}@{cited.version}/task:{cited.task}"


def _results(paths: Iterable[Path]) -> "Iterable[Result]":
    from catalog.tasks.result import Result
    from catalog.text_files import decode_text

    for path in paths:
        file = path / RESULT if path.is_dir() else path
        if not file.is_file():
            message = f"no result {file}"
            hint = "spikelake train TASK writes it, where the run is on a task and not on a split"
            raise NotFound(message, hint=hint)
        yield Result.parse(decode_text(file.read_bytes(), file), path=str(file))


def _said(card: "BenchmarkCard") -> str:
    from catalog.tasks.spread import Spread

    value = Spread(**card.value)  # type: ignore[arg-type]  # written by asdict
    rounds = ""
    if card.over_rounds is not None:
        rounds = f"\nover rounds {Spread(**card.over_rounds)}"  # type: ignore[arg-type]
    return f"{card.model.get('name', 'model')} on {card.task}\n{card.metric} {value}{rounds}"
