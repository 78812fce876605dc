"""The verbs ``spikelake label import | export``; the others of the group are registered below."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog import cli_label_changes
from catalog.cli_label_options import (
    Classes,
    Fps,
    FrameTimes,
    LabelColumn,
    LabelSet,
    Ref,
    TimesOption,
    format_options,
    open_state,
    print_odd,
)
from catalog.output import of_dataset
from eventstore.output import AsJson, DryRun, print_record, said

if TYPE_CHECKING:
    from catalog.labels.importing import ImportPlan

app = typer.Typer(name="label", help="Import, export, compare and correct labels.")
cli_label_changes.register(app)


class KindName(StrEnum):
    """Kinds of labels."""

    INTERVALS = "intervals"
    BOXES = "boxes"


Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format", help="aermanager, bids, cvat, dvs-gesture, prophesee.", metavar="NAME"
    ),
]


@app.command("import")
def import_(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(help="Files of labels.", show_default=False)],
    *,
    format_name: FormatName = None,
    label_set: LabelSet = "class",
    recording: Annotated[
        str | None,
        typer.Option(help="The recording that the file is about; its name tells if absent."),
    ] = None,
    times: TimesOption = None,
    classes: Classes = None,
    fps: Fps = None,
    frame_times: FrameTimes = None,
    label_column: LabelColumn = "trial_type",
    annotator: Annotated[str, typer.Option(help="Who gave the labels.")] = "",
    source: Annotated[str, typer.Option(help="Where the labels come from.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace labels that the recordings have.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import labels from files of other tools.

    The format is told by what a file holds. Overlaps, conflicts and times outside a recording are
    told; an error among them keeps all of it from being written.
    """
    from catalog.folder import open_dataset
    from catalog.labels.class_names import class_names
    from catalog.labels.formats.protocol import Times
    from catalog.labels.importing import import_labels, plan_import
    from catalog.labels.interpret import ImportOptions

    dataset = open_dataset(folder)
    options = ImportOptions(
        format=format_name,
        recording=recording,
        times=None if times is None else Times(times),
        names=None if classes is None else class_names(classes),
        annotator=annotator,
        source=source,
        reading=format_options(fps, frame_times, label_column, None),
    )
    if dry_run:
        tree = dataset.draft().tree
        plan = plan_import(tree, files, options, label_set=label_set, replace=replace)
    else:
        plan = import_labels(dataset, files, options, label_set=label_set, replace=replace)
    status = "error" if plan.is_refused else "ok" if plan.changes else "notneeded"
    findings = of_dataset(plan.findings, str(folder))
    record = {
        "status": status,
        "dry_run": dry_run,
        "set": label_set,
        "formats": plan.formats,
        "recordings": len(plan.recordings),
        "intervals": plan.n_labels,
        "boxes": plan.n_boxes,
        "replaced": plan.n_replaced,
        "patches": plan.n_patches,
        "findings": [finding.to_dict() for finding in findings],
    }
    sentence = _sentence(plan, status, dry_run)
    print_record(record, as_json=as_json, said=sentence)
    print_odd(findings, as_json=as_json)
    if plan.is_refused:
        raise typer.Exit(1)


def _sentence(plan: "ImportPlan", status: str, dry_run: bool) -> str:
    counts = [(plan.n_labels, "intervals"), (plan.n_boxes, "boxes")]
    what = " and ".join(f"{n:,} {name}" for n, name in counts if n) or "no labels"
    what += f" of {len(plan.recordings):,} recordings ({', '.join(plan.formats)})"
    what += f" into {plan.label_set!r}"
    what += f", in place of {plan.n_replaced:,} that were there" if plan.n_replaced else ""
    what += f", {plan.n_patches} corrected by its errata" if plan.n_patches else ""
    if status == "notneeded":
        return f"nothing changes: {what}"
    if status == "error":
        return f"nothing was imported: {what}, with errors"
    return said(dry_run, "imported", what)


@app.command("export")
def export(
    reference: Ref,
    *,
    out: Annotated[Path, typer.Option(help="Folder that the files go to.", show_default=False)],
    format_name: Annotated[
        str, typer.Option("--format", help="As of import.", metavar="NAME", show_default=False)
    ],
    label_set: LabelSet = "class",
    kind: Annotated[
        KindName | None, typer.Option(help="Which of the two, where a set has both.")
    ] = None,
    recording: Annotated[
        list[str] | None, typer.Option(help="Only this recording; repeat for more.")
    ] = None,
    times: TimesOption = None,
    classes: Classes = None,
    fps: Fps = None,
    frame_times: FrameTimes = None,
    label_column: LabelColumn = "trial_type",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Export a label set into files of another tool, one a recording, or one list of all."""
    from catalog.labels.exporting import plan_export
    from catalog.labels.formats.protocol import Times

    state = open_state(reference)
    plan = plan_export(
        state.tree,
        format_name,
        format_options(fps, frame_times, label_column, classes),
        label_set=label_set,
        kind=None if kind is None else kind.value,
        recordings=recording or (),
        times=None if times is None else Times(times),
    )
    if not dry_run:
        plan.write(out, force=force)
    record = {
        "status": "ok",
        "dry_run": dry_run,
        "set": label_set,
        "kind": plan.kind,
        "rows": plan.n_rows,
        "files": [str(out / path) for path in plan.files],
        "findings": [finding.to_dict() for finding in plan.findings],
    }
    files = f"{len(plan.files):,} file{'s' if len(plan.files) != 1 else ''} in {out}"
    what = f"{plan.n_rows:,} {plan.kind} of {state.tree.where} as {format_name}, {files}"
    print_record(record, as_json=as_json, said=said(dry_run, "exported", what))
    print_odd(plan.findings, as_json=as_json)
