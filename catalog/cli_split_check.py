"""The verb ``spikelake split check``."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from catalog.reference import DRAFT, parse_reference
from eventstore.errors import InvalidInput
from eventstore.findings import Severity, has_errors
from eventstore.output import AsJson, print_findings
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.splits.leakage.report import LeakageReport

SHOWN = 10
"""Findings of a check that are printed for people; the report and --json have all."""


def check(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]/split:NAME",
            help="The split, of the highest version where none is given.",
            show_default=False,
        ),
    ],
    *,
    group_by: Annotated[
        list[str] | None,
        typer.Option(
            help="Column whose groups must be in one fold each, repeated; the rule's if absent.",
            show_default=False,
        ),
    ] = None,
    embargo_us: Annotated[
        int | None,
        typer.Option(
            help="Smallest gap of folds in a recording, in µs; the rule's if absent.",
            show_default=False,
        ),
    ] = None,
    near_duplicates: Annotated[
        bool,
        typer.Option(
            "--near-duplicates/--no-near-duplicates", help="Search for altered copies by events."
        ),
    ] = True,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Share of events from which two are copies; 0.5, of sound 0.75, if absent.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep the report beside the split.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a split for leakage: what of one fold is also, or nearly, in another.

    The exit status is 1 where there are errors. Of the work tree, unless a version is named.
    """
    from catalog.folder import open_dataset
    from catalog.splits.leakage.check import check_split_leakage

    wanted = parse_reference(reference)
    if wanted.split is None:
        message = f"{reference} names no split"
        raise InvalidInput(message, hint=f"write {reference}/split:NAME")
    if save and wanted.version not in {None, DRAFT}:
        message = f"version {wanted.version} is saved and never changes: it takes no report"
        raise InvalidInput(message, hint=f"check {wanted.name}/split:{wanted.split} --save instead")
    dataset = open_dataset(wanted.name)
    with dataset.at(wanted.version or DRAFT) as version, progress_bar("check") as progress:
        if wanted.digest is not None:
            version.split(wanted.split, digest=wanted.digest)
        report = check_split_leakage(
            version,
            wanted.split,
            group_by=group_by,
            embargo_us=embargo_us,
            near_duplicates=near_duplicates,
            threshold=threshold,
            progress=progress,
        )
    if save:
        _keep(dataset, report)
    _print(report, reference, as_json=as_json, saved=save)
    if has_errors(report.findings):
        raise typer.Exit(1)


def _keep(dataset: "Dataset", report: "LeakageReport") -> None:
    from catalog.text_files import write_text

    write_text(dataset.root / report.path, report.text())


def _print(report: "LeakageReport", reference: str, *, as_json: bool, saved: bool) -> None:
    if as_json:
        print_findings(report.findings, as_json=True, where=reference)
        counts = {s.name.lower(): report.count(s) for s in Severity}
        summary: dict[str, object] = {
            "split": report.split,
            "digest": report.digest,
            "method": report.method,
        }
        summary |= {"folds": report.folds, "compared": report.compared, "counts": counts}
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    columns = ("fold", *next(iter(report.folds.values()), {}))
    rows = [(fold, *(f"{n:,}" for n in facts.values())) for fold, facts in report.folds.items()]
    print_table(reference, columns, rows)
    shown = []
    for name in dict.fromkeys((f.check, f.severity) for f in report.findings):
        of_check = [f for f in report.findings if (f.check, f.severity) == name]
        shown += of_check[:SHOWN]
    if shown:
        print_findings(shown, as_json=False, where=reference)
    if len(shown) < len(report.findings):
        typer.echo(f"… and {len(report.findings) - len(shown):,} more; --json lists all")
    typer.echo(_said(report) + (f"; kept in {report.path}" if saved else ""))


def _said(report: "LeakageReport") -> str:
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    searched = "no search for near-duplicates"
    if report.compared:
        n, pairs = report.compared["samples"], report.compared["pairs"]
        searched = f"near-duplicates sought among {n:,} samples, {pairs:,} pairs compared"
    found = f"{errors:,} errors, {warnings:,} warnings"
    return f"{found if errors or warnings else 'no leakage found'}; {searched}"
