"""The catalog's verbs: ``spikelake ingest``, ``dataset …`` and ``split …``."""

from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog import (
    cli_archive,
    cli_benchmark,
    cli_check,
    cli_dataset,
    cli_diff,
    cli_edit,
    cli_export_site,
    cli_label,
    cli_public,
    cli_recordings,
    cli_serve,
    cli_share,
    cli_split,
    cli_split_check,
    cli_task,
    cli_withdraw,
)
from eventstore.cli_options import ReaderOption, RepairOption, SensorOption, parse_sensor
from eventstore.errors import InvalidInput
from eventstore.findings import Finding
from eventstore.output import AsJson, DryRun, print_findings, print_record
from eventstore.progress import throughput

if TYPE_CHECKING:
    from catalog.intake import Intake
    from catalog.sources.keeping import KeptReport
    from eventstore.events import Sensor
    from eventstore.ingest import IngestReport
    from eventstore.workers import Workers


class LabelFrom(StrEnum):
    """Where ingest takes labels from."""

    FOLDER = "folder"
    NONE = "none"


def register(app: typer.Typer) -> None:
    """Add the catalog's verbs to the command line."""
    cli_dataset.app.command("diff")(cli_diff.diff)
    cli_dataset.app.command("archive")(cli_archive.archive)
    cli_share.register(cli_dataset.app)
    cli_recordings.register(cli_dataset.app)
    cli_dataset.app.command("withdraw")(cli_withdraw.withdraw)
    app.add_typer(cli_dataset.app, no_args_is_help=True)
    app.add_typer(cli_label.app, no_args_is_help=True)
    app.add_typer(cli_edit.app, no_args_is_help=True)
    cli_split.app.command("check")(cli_split_check.check)
    app.add_typer(cli_split.app, no_args_is_help=True)
    app.add_typer(cli_task.app, no_args_is_help=True)
    app.add_typer(cli_benchmark.app, no_args_is_help=True)
    app.add_typer(cli_public.app, no_args_is_help=True)
    app.command("ingest")(ingest)
    app.command("check")(cli_check.check)
    app.command("serve")(cli_serve.serve)
    app.command("export-site")(cli_export_site.export_site)


Sources = Annotated[
    list[Path],
    typer.Argument(help="Recordings, folders of them, zips or tars.", show_default=False),
]
Into = Annotated[Path, typer.Option(help="Folder of the dataset.", show_default=False)]
Resume = Annotated[bool, typer.Option("--resume", help="Skip recordings that are there already.")]
Labels = Annotated[LabelFrom, typer.Option(help="Label each recording with its folder, or not.")]
LayoutName = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="NAME",
        help="What the files mean: a layout, a public dataset, or the .toml of one.",
        show_default=False,
    ),
]
LayoutOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--layout-option",
        metavar="OPTION=VALUE",
        help="Option of the layout; repeat for more.",
        show_default=False,
    ),
]
WorkerCount = Annotated[
    int, typer.Option(help="Processes that decode and encode; this one alone where 0.", min=0)
]
KeepSources = Annotated[
    bool,
    typer.Option(
        "--keep-sources", help="Keep WAV files in the dataset too, to be heard in the viewer."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="Address of a distributed scheduler whose workers decode and encode.",
        show_default=False,
    ),
]


def ingest(
    sources: Sources,
    *,
    into: Into,
    resume: Resume = False,
    reader: ReaderOption = None,
    sensor: SensorOption = None,
    repair: RepairOption = None,
    label_from: Labels = LabelFrom.FOLDER,
    layout: LayoutName = None,
    layout_option: LayoutOptions = None,
    workers: WorkerCount = 0,
    scheduler: Scheduler = None,
    keep_sources: KeepSources = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add recordings to a dataset.

    Labels and folds are those that their folders name, or what a layout makes of their paths and
    the files beside them.
    """
    from catalog.folder import open_dataset
    from eventstore.progress import progress_bar

    dataset = open_dataset(into)
    intake, geometry = _intake(
        sources, parse_sensor(sensor), reader, label_from, (layout, layout_option or [])
    )
    if dry_run:
        from catalog.tree import STORE
        from eventstore.dry_run import check_items

        repairs = (*intake.repairs, *(repair or ()))
        found = check_items(
            intake.items,
            into / STORE,
            reader=reader,
            sensor=geometry,
            repairs=repairs,
            resume=resume,
        )
        _print_plan(intake, found, into, as_json=as_json)
        if found:
            raise typer.Exit(1)
        return
    with progress_bar("ingest") as progress, _workers(workers, scheduler) as executor:
        report = dataset.ingest_intake(
            intake,
            reader=reader,
            sensor=geometry,
            repairs=tuple(repair or ()),
            resume=resume,
            progress=progress,
            executor=executor,
        )
    kept = dataset.keep_sources(intake) if keep_sources else None
    _print_report(report, kept, as_json=as_json)
    if report.findings and not as_json:
        print_findings(report.findings, as_json=False, where=str(into))


def _intake(
    sources: list[Path],
    sensor: "Sensor | None",
    reader: str | None,
    label_from: LabelFrom,
    layout: tuple[str | None, list[str]],
) -> "tuple[Intake, Sensor | None]":
    """List the recordings, by their folders or by a layout, and what sensor they have."""
    from catalog.intake import list_intake

    name, options = layout
    by_folder = label_from is LabelFrom.FOLDER
    if name is None:
        if options:
            message = f"--layout-option {options[0]} without --layout"
            raise InvalidInput(message, hint="name the layout that it is an option of")
        return list_intake(sources, reader=reader, labels=by_folder, folds=True), sensor
    from catalog.layouts.choose import choose_layout, parse_options
    from catalog.public.entry import entry_names
    from catalog.public.layout_facts import facts_of_dataset

    chosen, facts = choose_layout(
        name,
        parse_options(options),
        sensor=sensor,
        datasets=facts_of_dataset,
        known=entry_names(),
    )
    intake = chosen.intake(sources, facts)
    return intake if by_folder else intake._replace(labels={}, intervals={}), facts.sensor


def _workers(n_workers: int, scheduler: str | None) -> "AbstractContextManager[Workers | None]":
    """Start the workers asked for."""
    from eventstore.workers import cluster_workers, local_workers

    if scheduler is not None and n_workers:
        message = f"both --workers {n_workers} and --scheduler {scheduler}"
        raise InvalidInput(message, hint="a scheduler has workers of its own: give one of the two")
    if scheduler is not None:
        return cluster_workers(scheduler)
    return local_workers(n_workers) if n_workers else nullcontext()


def _print_plan(intake: "Intake", found: list[Finding], into: Path, *, as_json: bool) -> None:
    n, labelled = len(intake.items), len(intake.labels)
    record = {
        "status": "error" if found else "ok",
        "dry_run": True,
        "recordings": n,
        "labelled": labelled,
        "findings": [finding.to_dict() for finding in (*intake.findings, *found)],
    }
    would = f"would ingest {n:,} recordings, {labelled:,} of them with a label, into {into}"
    refused = f"{len(found):,} of {n:,} recordings would be refused by {into}"
    print_record(record, as_json=as_json, said=refused if found else would)
    if not as_json and (intake.findings or found):
        print_findings([*intake.findings, *found], as_json=False, where=str(into))


def _print_report(report: "IngestReport", kept: "KeptReport | None", *, as_json: bool) -> None:
    record = {
        "status": "ok" if report.n_added else "notneeded",
        "dry_run": False,
        "added": report.n_added,
        "skipped": report.n_skipped,
        "events": report.n_events,
        "seconds": round(report.seconds, 3),
        "digest": report.digest,
        "repaired": dict(report.repaired),
        "findings": len(report.findings),
    } | ({} if kept is None else {"kept": kept.n_added, "kept_bytes": kept.n_bytes})
    rate = throughput(report.n_events, report.seconds)
    speed = f" in {report.seconds:.1f} s ({rate})" if report.n_added else ""
    skipped = f", {report.n_skipped:,} were there already" if report.n_skipped else ""
    said = f"ingested {report.n_added:,} recordings, {report.n_events:,} events{speed}{skipped}"
    repaired = "".join(f"\nrepaired: {k}: {n:,} events" for k, n in report.repaired.items())
    print_record(record, as_json=as_json, said=said + repaired + _said_kept(kept))


def _said_kept(kept: "KeptReport | None") -> str:
    if kept is None:
        return ""
    others = f"; of {kept.n_others:,} recordings there is none to keep" if kept.n_others else ""
    return f"\nkept {kept.n_added:,} WAV files, {kept.n_bytes / 1e6:.1f} MB{others}"
