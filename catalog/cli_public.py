"""The verbs ``spikelake public list | show | add``: the registry of public datasets."""

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_facts, print_table
from catalog.reference import SHORT_DIGEST
from eventstore.output import AsJson, DryRun, print_findings, print_record

if TYPE_CHECKING:
    from catalog.public.acquire import Whereabouts
    from catalog.public.add import AddReport, Wishes
    from catalog.public.entry import PublicDataset
    from eventstore.workers import Workers

app = typer.Typer(name="public", help="Public datasets: list them, and add them.")

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="Its name, or a .toml file of your own.", show_default=False
    ),
]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the datasets of the registry."""
    from catalog.public.entry import entry_names, load_entry

    rows = [_listed(load_entry(name)) for name in entry_names()]
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    columns = ("name", "licence", "access", "sense", "title")
    print_table("public datasets", columns, [_cells(row) for row in rows], whole=("name",))


@app.command("show")
def show(
    name: Name,
    as_toml: Annotated[
        bool, typer.Option("--toml", help="Print its file, to begin one of your own with.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a dataset: files, mirrors, checksums, licence, splits."""
    from catalog.public.entry import entry_text, load_entry

    entry = load_entry(name)
    if as_toml:
        typer.echo(entry_text(name), nl=False)
        return
    if as_json:
        record = {**entry.to_dict(), "entry_digest": entry.entry_digest}
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    _print_entry(entry)


@app.command("add")
def add(
    name: Name,
    *,
    into: Annotated[
        Path | None, typer.Option(help="Folder of the dataset; ./NAME where absent.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(help="Only files whose name fits, such as 'test*'; repeat for more."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="Folder with files that were fetched by other means."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option("--keep/--no-keep", help="Keep the downloads, or remove them at the end."),
    ] = True,
    register_only: Annotated[
        bool, typer.Option("--register-only", help="Write down where its files lie; fetch nothing.")
    ] = False,
    workers: Annotated[
        int, typer.Option(help="Processes that decode and encode; this one alone where 0.", min=0)
    ] = 0,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a dataset, check it, ingest it, and save it with its official splits.

    Interrupted, the same command goes on.
    """
    from catalog.public.add import Wishes, add_public, plan_add
    from catalog.public.bar import transfer_bar
    from catalog.public.entry import load_entry
    from catalog.public.fetch import Manner
    from eventstore.progress import progress_bar

    entry = load_entry(name)
    target = into if into is not None else Path(entry.name)
    wanted = tuple(files or ())
    if dry_run:
        wishes = Wishes(files=wanted, folder=folder, register_only=register_only)
        _print_plan(entry, target, plan_add(entry, target, wishes), wishes, as_json=as_json)
        return
    bars = (transfer_bar(), progress_bar("ingest"), _workers(workers))
    with bars[0] as transfer, bars[1] as progress, bars[2] as executor:
        wishes = Wishes(
            files=wanted,
            folder=folder,
            keep=keep,
            register_only=register_only,
            manner=Manner(progress=transfer),
            progress=progress,
            executor=executor,
        )
        report = add_public(entry, target, wishes)
    if as_json:
        record = _report_record(entry, target, report)
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    if report.findings:
        print_findings(report.findings, as_json=False, where=str(target))
    typer.echo(_report_text(name, entry, target, report))


def _workers(n_workers: int) -> "AbstractContextManager[Workers | None]":
    from eventstore.workers import local_workers

    return local_workers(n_workers) if n_workers else nullcontext()


def _listed(entry: "PublicDataset") -> dict[str, str | int | None]:
    return {
        "name": entry.name,
        "title": entry.title,
        "modality": entry.modality,
        "classes": len(entry.classes),
        "licence": entry.licence,
        "access": entry.access,
        "size": _size(entry),
        "files": len(entry.files),
        "layout": entry.layout,
        "splits": ", ".join(entry.official),
        "doi": entry.doi,
    }


def _size(entry: "PublicDataset") -> int | None:
    sizes = [file.size for file in entry.files]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _cells(row: dict[str, str | int | None]) -> list[str]:
    return [str(row[key]) for key in ("name", "licence", "access", "modality", "title")]


def _print_entry(entry: "PublicDataset") -> None:
    from catalog.public.bar import said_bytes

    folds = {
        name: ", ".join(f"{n:,} {fold}" for fold, n in counts.items()) or "of unknown size"
        for name, counts in entry.official.items()
    }
    geometry = (
        f"{entry.sensor[0]}×{entry.sensor[1]}" if entry.sensor else "differs, or in the files"
    )
    facts = [
        ("name", entry.name),
        ("description", entry.description),
        ("licence", f"{entry.licence} {entry.licence_url}".strip()),
        ("citation", entry.citation),
        ("DOI", entry.doi),
        ("homepage", entry.homepage),
        ("authors", "; ".join(entry.authors)),
        ("sensor", f"{entry.sensor_model} {geometry}".strip()),
        ("classes", ", ".join(entry.classes)),
        *((f"split {name}", said) for name, said in folds.items()),
        ("splits", "" if folds else "none official"),
        ("groups", entry.group_by),
        ("layout", entry.layout),
        *(("known flaw", flaw) for flaw in entry.known_flaws),
        ("access", entry.access),
        ("by hand", entry.instructions.strip()),
        ("size", said_bytes(_size(entry))),
    ]
    print_facts(entry.title, facts)
    rows = [
        (f.name, said_bytes(f.size), f.sha256 or f.md5 or "unknown", "\n".join(f.urls) or "by hand")
        for f in entry.files
    ]
    print_table("files", ("name", "size", "checksum", "mirrors"), rows)


def _print_plan(
    entry: "PublicDataset",
    into: Path,
    whereabouts: "list[Whereabouts]",
    wishes: "Wishes",
    *,
    as_json: bool,
) -> None:
    from catalog.public.bar import said_bytes

    for where in whereabouts:
        record = {
            "status": where.status,
            "dry_run": True,
            "file": where.file.name,
            "path": str(where.path) if where.path else None,
            "bytes_left": where.n_bytes_left,
            "urls": list(where.file.urls),
        }
        size = said_bytes(where.n_bytes_left)
        lies = {"here": f"{where.path}", "begun": f"{size} left", "to-fetch": f"size {size}"}
        said = f"{where.file.name}: {where.status}, {lies.get(where.status, 'no mirror')}"
        print_record(record, as_json=as_json, said=said)
    absent = [where for where in whereabouts if where.status == "by-hand"]
    if absent and not wishes.register_only:
        if not as_json:
            typer.echo(f"would be refused: fetch these by hand first\n{entry.instructions.strip()}")
        raise typer.Exit(1)
    if not as_json:
        what = "registered" if wishes.register_only else "added"
        typer.echo(f"would have {what} {entry.title} in {into}")


def _report_record(entry: "PublicDataset", into: Path, report: "AddReport") -> dict[str, object]:
    return {
        "status": report.status,
        "dry_run": False,
        "dataset": entry.name,
        "path": str(into),
        "version": report.version,
        "digest": report.digest,
        "added": report.n_added,
        "skipped": report.n_skipped,
        "events": report.n_events,
        "splits": list(report.splits),
        "files": [{"name": f.file.name, "url": f.url, **f.facts._asdict()} for f in report.files],
        "bytes_kept": report.n_bytes_kept,
        "bytes_freed": report.n_bytes_freed,
        "licence": entry.licence,
        "findings": [finding.to_dict() for finding in report.findings],
    }


def _report_text(name: str, entry: "PublicDataset", into: Path, report: "AddReport") -> str:
    if report.status == "registered":
        fetch = f"spikelake public add {name} --into {into}"
        return f"registered {entry.title} in {into}; nothing was fetched yet: {fetch}"
    if report.status == "notneeded":
        return "\n".join(
            [f"{into}@{report.version} holds it all already", *_downloads(into, report)]
        )
    added = f"added {report.n_added:,} recordings, {report.n_events:,} events"
    lines = [f"{added}: {into}@{report.version}, events {report.digest[:SHORT_DIGEST]}"]
    if report.splits:
        lines.append(f"splits: {', '.join(report.splits)}")
    lines += _downloads(into, report)
    lines.append(f"licence: {entry.licence}. Cite: {entry.citation or entry.doi or entry.homepage}")
    return "\n".join(lines)


def _downloads(into: Path, report: "AddReport") -> list[str]:
    from catalog.public.bar import said_bytes

    kept, freed = said_bytes(report.n_bytes_kept), said_bytes(report.n_bytes_freed)
    lines = []
    if report.n_bytes_kept:
        lines.append(f"downloads kept: {kept} in {into}/.downloads (--no-keep removes them)")
    if report.n_bytes_freed:
        lines.append(f"downloads removed: {freed}")
    return lines
