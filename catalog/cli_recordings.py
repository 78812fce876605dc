"""The verbs ``spikelake dataset measure | set``, and ``dataset show --where``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from eventstore.errors import InvalidInput, NotFound
from eventstore.output import AsJson, DryRun, print_record, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.dataset_version import DatasetVersion
    from catalog.query.search import Found
    from catalog.tsv import Table

Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]

Where = Annotated[
    str,
    typer.Option(
        metavar="EXPRESSION",
        help="Recordings that it is true of, such as: rate_mev_s > 1 and lighting == 'led'.",
        show_default=False,
    ),
]

Columns = Annotated[
    str,
    typer.Option(
        metavar="NAME,NAME…",
        help="Columns to list; those of the expression if absent. 'help' lists all.",
        show_default=False,
    ),
]

WIDEST = 40
"""Characters of a value that a table shows."""


def register(app: typer.Typer) -> None:
    """Add the verbs to ``spikelake dataset``."""
    app.command("measure")(measure)
    app.command("set")(set_)


def show_recordings(state: "DatasetVersion", where: str, columns: str, *, as_json: bool) -> None:
    """Print the recordings that an expression is true of."""
    from catalog.query.columns import RecordingColumns
    from catalog.query.search import search_recordings

    if columns == "help":
        for name in RecordingColumns(state).names:
            typer.echo(json.dumps({"column": name}) if as_json else name)
        return
    found = search_recordings(state, where, [c.strip() for c in columns.split(",") if c.strip()])
    names = found.table.columns
    if as_json:
        for row in found.table.rows:
            typer.echo(json.dumps(_record(found, row), ensure_ascii=False))
    else:
        count = f"{len(found.table.rows):,} of {found.n_recordings:,} recordings"
        title = f"{count} of {state.reference}" + (f" where {where}" if where else "")
        cells = [
            [_short(found, name, value) for name, value in zip(names, row, strict=True)]
            for row in found.table.rows
        ]
        print_table(title, names, cells)
    for line in _notes(found, state):
        typer.echo(line, err=True)


def measure(folder: Folder, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Measure recordings that have no statistics yet.

    Ingest does so by itself; datasets of earlier releases have none.
    """
    from catalog.folder import open_dataset
    from catalog.query.columns import RecordingColumns

    dataset = open_dataset(folder)
    if dry_run:
        count = RecordingColumns(dataset.draft()).n_unmeasured
    else:
        with progress_bar("measure") as progress:
            count = dataset.measure(progress)
    record = {"status": "ok" if count else "notneeded", "dry_run": dry_run, "recordings": count}
    done = said(dry_run, "measured", f"{count:,} recordings of {folder}")
    print_record(record, as_json=as_json, said=done if count else f"{folder} is all measured")


def set_(
    folder: Folder,
    assignments: Annotated[
        list[str] | None,
        typer.Argument(metavar="COLUMN=VALUE…", help="What to set.", show_default=False),
    ] = None,
    *,
    where: Where = "",
    recording: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="One recording; repeat for more.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All recordings.")] = False,
    biases: Annotated[
        Path | None, typer.Option(help="File of biases: VALUE % NAME lines, or JSON.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Set columns of recordings, such as lighting=led, or their biases.

    An empty value takes a column's value away.
    """
    from catalog.biases import read_bias_file
    from catalog.folder import open_dataset
    from catalog.text_files import write_text
    from catalog.tree import RECORDINGS

    pairs = _pairs(assignments or [])
    if not pairs and biases is None:
        message = "nothing to set"
        raise InvalidInput(message, hint="give COLUMN=VALUE, such as lighting=led, or --biases")
    read = read_bias_file(biases) if biases is not None else {}
    dataset = open_dataset(folder)
    ids = _chosen(dataset, where, recording or [], every=every)
    table = _with_columns(dataset.draft().recordings, pairs, ids)
    if not dry_run and ids:
        if pairs:  # all of them at once, or none
            write_text(dataset.root / RECORDINGS, table.text())
        if read:
            dataset.set_biases(dict.fromkeys(ids, read))
    record = {
        "status": "ok" if ids else "notneeded",
        "dry_run": dry_run,
        "columns": pairs,
        "biases": len(read),
        "recordings": len(ids),
    }
    what = ", ".join([*pairs, *([f"{len(read)} biases"] if read else [])])
    print_record(
        record, as_json=as_json, said=said(dry_run, "set", f"{what} of {len(ids):,} recordings")
    )


def _with_columns(table: "Table", pairs: dict[str, str], ids: list[str]) -> "Table":
    from catalog.recording_table import with_column

    for name, value in pairs.items():
        table = with_column(table, name, dict.fromkeys(ids, value))
    return table


def _chosen(dataset: "Dataset", where: str, recordings: list[str], *, every: bool) -> list[str]:
    from catalog.query.search import search_recordings

    if bool(where) + bool(recordings) + every != 1:
        message = "which recordings is not said, or said twice"
        raise InvalidInput(message, hint="give one of --where EXPRESSION, --recording ID and --all")
    known = dataset.draft().recordings.column("recording_id")
    for name in recordings:
        if name not in known:
            missing = NotFound.among("recording", name, known)
            raise missing
    if recordings:
        return recordings
    found = search_recordings(dataset.draft(), where, ["recording_id"])
    return found.table.column("recording_id")


def _pairs(assignments: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or name in pairs:
            message = f"{text!r} sets no column, or one that was set before"
            raise InvalidInput(message, hint="write COLUMN=VALUE, such as lighting=led")
        pairs[name.strip()] = value.strip()
    return pairs


def _record(found: "Found", row: tuple[str, ...]) -> dict[str, object]:
    """Return a row for JSON: numbers where a column has numbers, null where nothing stands."""
    values: dict[str, object] = {}
    for name, text in zip(found.table.columns, row, strict=True):
        values[name] = json.loads(text) if text and name in found.numeric else text or None
    return values


def _short(found: "Found", name: str, value: str) -> str:
    """Return a value for a table: numbers to six digits, long texts cut; JSON has all of it."""
    if name in found.numeric and "." in value:
        return f"{float(value):.6g}"
    if name.startswith("n_") and value.isdecimal():
        return f"{int(value):,}"
    return value if len(value) <= WIDEST or name == "recording_id" else f"{value[: WIDEST - 1]}…"


def _notes(found: "Found", state: "DatasetVersion") -> list[str]:
    notes = []
    if found.n_unmeasured:
        fix = f"spikelake dataset measure {state.tree.where.rpartition('@')[0] or state.tree.where}"
        notes.append(f"note: {found.n_unmeasured:,} recordings have no statistics: {fix}")
    if found.n_unknown:
        notes.append(f"note: of {found.n_unknown:,} more it cannot be told, as a value is missing")
    return notes
