"""The verbs ``spikelake dataset create | list | show | save | verify | remove-recording``."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.card import Card
from catalog.card_text import card_facts
from catalog.cli_recordings import Columns, Where, show_recordings
from catalog.cli_split import print_split
from catalog.output import print_facts, print_table
from catalog.reference import DRAFT, SHORT_DIGEST, parse_reference
from eventstore.errors import InvalidInput
from eventstore.findings import has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.dataset_version import DatasetVersion
    from catalog.remotes.remote_dataset import RemoteDataset
    from catalog.splits.record import SplitRecord
    from catalog.versions import Version

app = typer.Typer(name="dataset", help="Create, show, save and verify datasets.")


class BumpName(StrEnum):
    """What a version number is to say of the changes before it."""

    AUTO = "auto"
    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"


Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]
Ref = Annotated[
    str,
    typer.Argument(
        metavar="DATASET[@VERSION]",
        help="Folder of the dataset, and a version.",
        show_default=False,
    ),
]


@app.command("create")
def create(
    folder: Folder,
    *,
    name: Annotated[str, typer.Option(help="Name in references; the folder's where absent.")] = "",
    title: Annotated[str, typer.Option(help="Name in full.")] = "",
    description: Annotated[str, typer.Option(help="What was recorded, how, what for.")] = "",
    licence: Annotated[str, typer.Option(help="SPDX id, such as CC-BY-4.0.")] = "unknown",
    citation: Annotated[str, typer.Option(help="How to cite it.")] = "",
    homepage: Annotated[str, typer.Option(help="Where it comes from.")] = "",
    sensor_model: Annotated[str, typer.Option(help="Chip or camera, such as ATIS.")] = "",
    author: Annotated[list[str] | None, typer.Option(help="Who made it; repeat for more.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make an empty dataset with a card.

    What has no option here is written into dataset.yaml by hand.
    """
    from catalog.dataset import Dataset, check_free

    card = Card(
        name=name or folder.resolve().name.lower(),
        title=title,
        description=description,
        licence=licence,
        citation=citation,
        homepage=homepage,
        sensor_model=sensor_model,
        authors=tuple(author or ()),
    )
    check_free(folder)
    if not dry_run:
        Dataset.create(folder, card)
    record = {"status": "ok", "dry_run": dry_run, "dataset": card.name, "path": str(folder)}
    print_record(
        record, as_json=as_json, said=_said(dry_run, "created", f"{card.name} in {folder}")
    )


@app.command("list")
def list_(
    folder: Annotated[Path, typer.Argument(help="Folder of datasets.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """List the datasets in a folder."""
    from catalog.folder import open_catalog

    found = open_catalog(folder)
    rows = [_listed(name, found.source(name)) for name in found]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
    elif rows:
        cells = [[_cell(value) for value in row.values()] for row in rows]
        print_table(f"datasets in {folder}", tuple(rows[0]), cells)
    else:
        typer.echo(f"no datasets in {folder}")


@app.command("show")
def show(
    reference: Ref, *, where: Where = "", columns: Columns = "", as_json: AsJson = False
) -> None:
    """Show card, versions, splits and counts, or the recordings that something is true of.

    Those of the work tree, unless a version is named; at a URL, of a published version.
    """
    from catalog.dataset import Dataset
    from catalog.folder import open_source, state_of

    wanted = parse_reference(reference)
    dataset = open_source(wanted.name)
    state = state_of(dataset, wanted.version)
    if where or columns:
        show_recordings(state, where, columns, as_json=as_json)
        return
    if as_json:
        typer.echo(json.dumps(_state_facts(dataset, state), ensure_ascii=False))
        return
    draft = wanted.version is None
    changed = dataset.repo.changed() if isinstance(dataset, Dataset) and draft else []
    _print_card(state, changed)
    _print_versions(dataset.versions())
    for record in _split_records(state):
        print_split(record)


@app.command("save")
def save(
    folder: Folder,
    version: Annotated[
        str | None,
        typer.Argument(
            help="major.minor.patch; the number that the changes ask for where absent.",
            show_default=False,
        ),
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="What changed.")] = "",
    *,
    bump: Annotated[
        BumpName, typer.Option(help="What the number is to say at least, where none is given.")
    ] = BumpName.AUTO,
    force_version: Annotated[
        bool, typer.Option("--force-version", help="Take a number that says less than it ought.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Save the work tree as a version.

    Everything in it is checked, and its digests are recorded.
    """
    from catalog.diff.bump import Bump
    from catalog.folder import open_dataset

    if version is not None and bump is not BumpName.AUTO:
        message = f"both the number {version} and --bump {bump.value}"
        raise InvalidInput(message, hint="give one of the two")
    dataset = open_dataset(folder)
    act = dataset.plan_version if dry_run else dataset.save
    least = Bump.NONE if bump is BumpName.AUTO else Bump[bump.name]
    saved = act(version, message, bump=least, force_version=force_version)
    cited = f"{dataset.name}@{saved.version}#{saved.digest[:SHORT_DIGEST]}"
    record = {"status": "ok", "dry_run": dry_run, "reference": cited, **saved.to_dict()}
    print_record(record, as_json=as_json, said=_said(dry_run, "saved", cited))


@app.command("verify")
def verify(reference: Ref, as_json: AsJson = False) -> None:
    """Recompute every digest.

    The exit status is 1 where anything does not agree. The work tree and all versions are checked,
    or one version alone and its events chunk by chunk.
    """
    from catalog.dataset import Dataset
    from catalog.folder import open_source
    from catalog.verify import check_published

    wanted = parse_reference(reference)
    source = open_source(wanted.name)
    if isinstance(source, Dataset):
        findings = source.verify(wanted.version)
    else:
        findings = check_published(source, wanted.version)
    print_findings(findings, as_json=as_json, where=reference)
    if has_errors(findings):
        raise typer.Exit(1)


@app.command("remove-recording")
def remove_recording(
    folder: Folder,
    ids: Annotated[
        list[str], typer.Argument(metavar="ID…", help="Recordings to remove.", show_default=False)
    ],
    *,
    drop_splits: Annotated[
        bool, typer.Option("--drop-splits", help="Take splits that list them out, too.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Remove recordings, their events, labels and all that is known of them.

    Saved versions keep them: it is said which, and what git-annex holds for those.
    """
    from catalog.folder import open_dataset
    from catalog.removal import plan_removal, remove_from_dataset

    dataset = open_dataset(folder)
    if dry_run:
        report = plan_removal(dataset, ids, drop_splits=drop_splits)
    else:
        with progress_bar("remove") as progress:
            report = remove_from_dataset(dataset, ids, drop_splits=drop_splits, progress=progress)
    record = {"status": "ok", "dry_run": dry_run, **report.to_dict()}
    what = f"{len(report.removed)} recordings, {report.n_events:,} events, {report.n_labels} labels"
    what += f", {report.n_boxes:,} boxes" if report.n_boxes else ""
    splits = f" and the splits {', '.join(report.splits)}" if report.splits else ""
    print_record(record, as_json=as_json, said=_said(dry_run, "removed", what + splits))
    if report.versions and not as_json:
        held = f"; git-annex holds {len(report.held_keys)} files for them, "
        held += f"{report.held_bytes:,} bytes"
        still = f"saved versions still have them: {', '.join(report.versions)}"
        typer.echo(still + ("" if dry_run else held))


def _said(dry_run: bool, done: str, what: str) -> str:
    return f"would have {done} {what}" if dry_run else f"{done} {what}"


def _listed(name: str, dataset: "Dataset | RemoteDataset") -> dict[str, str | int | None]:
    from catalog.dataset import Dataset

    last = dataset.version() if dataset.versions() else None
    card = dataset.at(DRAFT if isinstance(dataset, Dataset) else None).card
    return {
        "name": name,
        "latest": last.version if last else DRAFT,
        "recordings": last.n_recordings if last else None,
        "events": last.n_events if last else None,
        "licence": card.licence,
        "folder": str(dataset.root),
    }


def _cell(value: str | int | None) -> str:
    return f"{value:,}" if isinstance(value, int) else value or ""


def _print_card(state: "DatasetVersion", unsaved: list[str]) -> None:
    geometry, n_recordings, n_events = _recording_facts(state)
    facts = card_facts(state.card)
    facts += [("shows", state.tree.where), ("sensor", geometry)]
    facts += [("recordings", f"{n_recordings:,}"), ("events", f"{n_events:,}")]
    facts += [("labels", _labelled(state)), ("repaired", _repaired(state))]
    facts.append(("withdrawn", _withdrawn(state)))
    more = f" and {len(unsaved) - 3} more" if len(unsaved) > 3 else ""
    facts.append(("not saved yet", ", ".join(unsaved[:3]) + more))
    print_facts(state.card.title or state.name, facts)


def _withdrawn(state: "DatasetVersion") -> str:
    from catalog.tombstones import read_tombstones

    n = len(read_tombstones(state.tree))
    return f"{n:,} recording{'' if n == 1 else 's'}" if n else ""


def _labelled(state: "DatasetVersion") -> str:
    sets = []
    for name in state.label_sets:
        classes = [row.label for row in state.labels(name).values()]
        n_classes = len(set(classes))
        kinds = "class" if n_classes == 1 else "classes"
        sets.append(f"{name}: {len(classes):,} of {n_classes:,} {kinds}")
    sets += [f"{name}: {len(state.boxes(name)):,} boxes" for name in state.box_sets]
    return ", ".join(sets)


def _repaired(state: "DatasetVersion") -> str:
    """Say what repairs changed in the work tree; a version need not have its events here."""
    from catalog.repaired import repaired_counts

    if state.version is not None or not state.has_recordings:
        return ""
    return ", ".join(
        f"{name}: {done.n_events:,} events in {done.n_recordings:,} recordings"
        for name, done in repaired_counts(state.store).items()
    )


def _print_versions(versions: "list[Version]") -> None:
    rows = []
    for v in versions:
        counts = (f"{v.n_recordings:,}", f"{v.n_events:,}")
        rows.append((v.version, v.date[:10], *counts, v.digest[:SHORT_DIGEST], v.message))
    if rows:
        columns = ("version", "date", "recordings", "events", "digest", "message")
        print_table("versions", columns, rows)


def _recording_facts(state: "DatasetVersion") -> tuple[str, int, int]:
    """Return geometry, number of recordings and of events, off the table alone."""
    if not state.has_recordings:
        return "", 0, 0
    table = state.recordings
    pairs = zip(table.column("width"), table.column("height"), strict=True)
    geometries = sorted({f"{width}×{height}" for width, height in pairs})
    return ", ".join(geometries), len(table.rows), sum(map(int, table.column("n_events")))


def _split_records(state: "DatasetVersion") -> list["SplitRecord"]:
    return [state.split_record(name) for name in state.splits]


def _state_facts(dataset: "Dataset | RemoteDataset", state: "DatasetVersion") -> dict[str, object]:
    geometry, n_recordings, n_events = _recording_facts(state)
    return {
        "card": state.card.to_dict(),
        "shows": str(state.reference),
        "sensor": geometry,
        "recordings": n_recordings,
        "events": n_events,
        "label_sets": state.label_sets,
        "box_sets": state.box_sets,
        "versions": [v.to_dict() | {"digest": v.digest} for v in dataset.versions()],
        "splits": [
            {"name": r.name, "digest": r.digest, "rule": r.rule, "counts": r.counts}
            for r in _split_records(state)
        ],
    }
