"""The verbs ``spikelake task make | list | show | cite | verify``."""

import json
import tomllib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from catalog.output import print_facts, print_table
from catalog.reference import DRAFT, SHORT_DIGEST, Reference, parse_reference
from eventstore.errors import InvalidInput
from eventstore.findings import has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record

if TYPE_CHECKING:
    from catalog.tasks.record import TaskRecord
    from catalog.tasks.task import Task

app = typer.Typer(name="task", help="Make tasks: what is learnt from which samples, to be cited.")

TaskRef = Annotated[
    str,
    typer.Argument(
        metavar="DATASET[@VERSION]/task:NAME",
        help="The task, of the highest version where none is given.",
        show_default=False,
    ),
]

Datasets: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Folder or URL of the other datasets that the task is over; where its own lies if "
        "absent.",
        show_default=False,
    ),
]


@app.command("make")
def make(
    folder: Annotated[
        Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
    ],
    name: Annotated[str, typer.Argument(help="Name of the task.", show_default=False)],
    *,
    split: Annotated[
        list[str],
        typer.Option(
            help="Split of the dataset, or OTHER@VERSION/split:NAME; repeat for several.",
            show_default=False,
        ),
    ],
    train: Annotated[
        list[str] | None, typer.Option(help="Fold to train on, or DATASET:FOLD; train if absent.")
    ] = None,
    validation: Annotated[
        list[str] | None, typer.Option(help="Fold to choose by; validation if absent.")
    ] = None,
    test: Annotated[list[str] | None, typer.Option(help="Fold to test on; test if absent.")] = None,
    cross_validate: Annotated[
        bool, typer.Option("--cross-validate", help="Each fold in turn is the test set.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--class", help="Class, in order; samples of others are left out."),
    ] = None,
    relabel: Annotated[
        list[str] | None, typer.Option(help="[DATASET:]LABEL=CLASS, for labels named otherwise.")
    ] = None,
    metric: Annotated[
        str, typer.Option(help="accuracy, balanced-accuracy or macro-f1.")
    ] = "accuracy",
    pipeline: Annotated[
        Path | None,
        typer.Option(
            help="Transforms to fix: JSON of a pipeline, or a .toml with one, such as a recipe.",
            show_default=False,
        ),
    ] = None,
    about: Annotated[str, typer.Option(help="What it is for, in a sentence.")] = "",
    datasets: Datasets = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Freeze a task: splits, folds, classes, metric and transforms, under one digest.

    The next version saved of the dataset has it.
    """
    from catalog.folder import open_dataset
    from catalog.open_tasks import beside
    from catalog.tasks.making import count_samples, freeze_task, plan_task
    from catalog.tasks.spec import TaskSpec

    spec = TaskSpec(
        splits=tuple(split),
        train=tuple(train or ()),
        validation=tuple(validation or ()),
        test=tuple(test or ()),
        cross_validate=cross_validate,
        classes=tuple(only or ()),
        relabel=_relabel(relabel or []),
        metric=metric,
        pipeline=None if pipeline is None else _stages(pipeline),
        about=about,
    )
    dataset, lookup = open_dataset(folder), beside(str(folder), datasets)
    record, sources = plan_task(dataset, name, spec, lookup)
    counts = count_samples(record, sources)
    if not dry_run:
        freeze_task(dataset, name, spec, lookup)
    digest = record.digest[:SHORT_DIGEST]
    cited = str(Reference(name=dataset.name, version=DRAFT, task=name, digest=digest))
    facts = {"status": "ok", "dry_run": dry_run, "reference": cited, "counts": counts}
    print_record(facts, as_json=as_json, said=f"{'would have made' if dry_run else 'made'} {cited}")
    if not as_json:
        _print_counts(record, counts)
        if not dry_run:
            typer.echo(f"save a version that has it: spikelake dataset save {folder}")


@app.command("list")
def list_(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="Of the work tree where no version is given.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """List the tasks of a dataset's work tree, or of a version named."""
    from catalog.folder import open_source
    from catalog.tasks.record import parse_task

    wanted = parse_reference(reference)
    state = open_source(wanted.name).at(wanted.version or DRAFT)
    records = [parse_task(state.tree, name) for name in state.tasks]
    rows = [
        {
            "task": record.name,
            "over": ", ".join(map(str, record.parts)),
            "classes": len(record.classes),
            "metric": record.metric,
            "digest": record.digest[:SHORT_DIGEST],
        }
        for record in records
    ]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
    elif rows:
        cells = [[str(value) for value in row.values()] for row in rows]
        print_table(f"tasks of {reference}", tuple(rows[0]), cells)
    else:
        typer.echo(f"no tasks in {reference}")


@app.command("show")
def show(reference: TaskRef, datasets: Datasets = None, as_json: AsJson = False) -> None:
    """Show what a task is over and how many samples it has, after recomputing its digests."""
    with _opened(reference, datasets) as task:
        record = task.record
        counts = _counts(task)
        if as_json:
            content = json.loads(record.text())
            facts = {"reference": str(task.reference), **content, "counts": counts}
            typer.echo(json.dumps(facts, ensure_ascii=False))
            return
        fingerprint = record.pipeline_fingerprint
        facts_shown = [
            ("about", record.about),
            ("over", ", ".join(map(str, record.parts))),
            ("target", record.target),
            ("metric", record.metric),
            ("transforms", fingerprint[:SHORT_DIGEST] if fingerprint else "free"),
            ("digest", record.digest),
        ]
        print_facts(str(task.reference), facts_shown)
        _print_counts(record, counts)


@app.command("cite")
def cite(reference: TaskRef, datasets: Datasets = None, as_json: AsJson = False) -> None:
    """Print the line that cites a task, and BibTeX for it and for what it is over.

    Of the highest version, unless one is named. All its digests are recomputed first.
    """
    from catalog.tasks.citing import cite_task

    with _opened(reference, datasets, draft=False) as task:
        version = task.home.version
        line, bibtex = cite_task(task, version.date[:4] if version else "")
    if as_json:
        typer.echo(json.dumps({"reference": line, "bibtex": bibtex}, ensure_ascii=False))
    else:
        typer.echo(f"{line}\n\n{bibtex}", nl=False)


@app.command("verify")
def verify(
    reference: TaskRef,
    *,
    datasets: Datasets = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Believe the store's own digests; decode no events.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute every digest of a task: versions, labels, splits and recordings.

    All that does not agree is told, with the link of the chain that broke; exit status 1 then.
    """
    from catalog.folder import open_source
    from catalog.open_tasks import beside
    from catalog.tasks.verifying import check_task

    wanted = _task_in(reference, draft=True)
    dataset = open_source(wanted.name)
    with dataset.at(wanted.version) as state:
        findings = check_task(
            dataset,
            state,
            str(wanted.task),
            beside(wanted.name, datasets),
            digest=wanted.digest,
            deep=not quick,
        )
    print_findings(findings, as_json=as_json, where=str(wanted))
    if has_errors(findings):
        raise typer.Exit(1)


def open_quietly(reference: str, datasets: str | None = None) -> "Task":
    """Open a task; what it warns of is told on stderr, a line each."""
    from catalog.open_tasks import open_task

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        task = open_task(reference, datasets=datasets)
    for finding in task.findings:
        typer.echo(f"warning: {finding.where}: {finding.message}", err=True)
    return task


def _opened(reference: str, datasets: str | None, *, draft: bool = True) -> "Task":
    return open_quietly(str(_task_in(reference, draft=draft)), datasets)


def _task_in(reference: str, *, draft: bool) -> Reference:
    """Return the reference with a version: the work tree's where that has the task."""
    from catalog.folder import open_dataset
    from catalog.remotes.remote_dataset import is_published

    wanted = parse_reference(reference)
    if wanted.task is None:
        message = f"{reference} names no task"
        raise InvalidInput(message, hint=f"write {wanted.name}/task:NAME; spikelake task list")
    if wanted.version is None and draft and not is_published(wanted.name):
        drafted = wanted.task in open_dataset(wanted.name).draft().tasks
        return wanted.at_version(DRAFT) if drafted else wanted
    return wanted


def _counts(task: "Task") -> dict[str, dict[str, int]]:
    from catalog.tasks.record import ROLES

    if task.record.cross_validate:
        parts = {r.name: r.test for r in task.rounds()}
    else:
        parts = {role: task.selections(role) for role in ROLES}
    counts: dict[str, dict[str, int]] = {}
    for role, selections in parts.items():
        its = dict.fromkeys(task.label_names, 0)
        for selection in selections:
            for at, name in enumerate(task.label_names):
                its[name] += int((selection.label == at).sum())
        if selections:
            counts[role] = {name: n for name, n in its.items() if n}
    return counts


def _print_counts(record: "TaskRecord", counts: Mapping[str, Mapping[str, int]]) -> None:
    rows = [
        (role, f"{sum(of.values()):,}", str(len(of)), _rarest(of)) for role, of in counts.items()
    ]
    kind = "fold" if record.cross_validate else "role"
    print_table(f"{len(record.classes)} classes", (kind, "samples", "classes", "rarest"), rows)


def _rarest(counts: Mapping[str, int]) -> str:
    name = min(counts, key=lambda one: (counts[one], one), default="")
    return f"{name}: {counts[name]:,}" if name else ""


def _relabel(texts: list[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        label, equals, to = text.partition("=")
        if not (label and equals and to):
            message = f"--relabel {text} is not [DATASET:]LABEL=CLASS"
            raise InvalidInput(message, hint="for example --relabel tones:zero=0")
        found[label] = to
    return found


def _stages(path: Path) -> list[dict[str, Any]]:
    """Return the stages of a pipeline in a file."""
    from catalog.text_files import decode_text, parse_json
    from eventstore.errors import FormatError, NotFound

    if not path.is_file():
        message = f"no file {path}"
        raise NotFound(message, hint="write one: Pipeline(…).to_json()")
    text = decode_text(path.read_bytes(), path)
    try:
        content = tomllib.loads(text) if path.suffix == ".toml" else parse_json(text, path)
    except tomllib.TOMLDecodeError as error:
        message = f"not TOML: {error}"
        raise FormatError(message, path=path) from error
    stages = content.get("pipeline", content.get("stages")) if isinstance(content, dict) else None
    if not isinstance(stages, list):
        message = "no pipeline in it"
        expected = '"stages" as of Pipeline.to_json(), or "pipeline" as of a recipe'
        raise FormatError(message, path=path, expected=expected)
    return stages
