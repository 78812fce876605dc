"""The verbs ``spikelake store verify | rewrite | remove | concat | salvage | export``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstore.codecs import Tier
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_findings, print_record, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from eventstore.salvage_plan import SalvageReport
    from eventstore.schema import Layout

app = typer.Typer(name="store", help="Verify, rewrite, join, repair and pack event stores.")


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    main.add_typer(app, no_args_is_help=True)


Store = Annotated[
    Path, typer.Argument(metavar="STORE", help="A store, as events.zarr.", show_default=False)
]
AnyStore = Annotated[
    str,
    typer.Argument(metavar="STORE", help="A store, a zip of one, or a URL.", show_default=False),
]
Ids = Annotated[
    list[str], typer.Argument(metavar="ID…", help="Recordings to remove.", show_default=False)
]
Into = Annotated[
    Path, typer.Option("--into", metavar="STORE", help="The new store.", show_default=False)
]
ChunkEvents = Annotated[
    int | None, typer.Option(help="Events a chunk, the unit of decoding.", show_default=False)
]
ShardEvents = Annotated[
    int | None, typer.Option(help="Events a file; a multiple of the chunk's.", show_default=False)
]
TierOption = Annotated[
    str | None,
    typer.Option("--tier", help="archive, or fast: larger and read faster.", show_default=False),
]


@app.command("verify")
def verify(store: AnyStore, as_json: AsJson = False) -> None:
    """Recompute every checksum, order and digest of a store.

    The exit status is 1 where anything is wrong; damage is named by recording and µs range.
    """
    from eventstore.findings import has_errors
    from eventstore.store import EventStore
    from eventstore.verify import check_store

    with EventStore.open(store) as opened:
        findings = check_store(opened)
    print_findings(findings, as_json=as_json, where=store)
    if has_errors(findings):
        raise typer.Exit(1)


@app.command("rewrite")
def rewrite(
    store: Store,
    *,
    chunk_events: ChunkEvents = None,
    shard_events: ShardEvents = None,
    tier: TierOption = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Cut a store into other chunks and files, or code it for another tier.

    Its logical digest stays what it is.
    """
    from eventstore.rewrite import rewrite_store
    from eventstore.store import EventStore

    with EventStore.open(store) as opened:
        head = opened.head
    layout, coded = _layout(head.layout, chunk_events, shard_events), _tier(tier) or head.tier
    wanted = (layout, coded) != (head.layout, head.tier)
    before = _size(store)
    if wanted and not dry_run:
        with progress_bar("rewrite") as progress:
            rewrite_store(store, layout=layout, tier=coded, progress=progress)
    record = {
        "status": "ok" if wanted else "notneeded",
        "dry_run": dry_run,
        "recordings": head.n_recordings,
        "events": head.n_events,
        "chunk_events": layout.chunk_events,
        "shard_events": layout.shard_events,
        "tier": coded,
        "digest": head.digest,
        "bytes_before": before,
        "bytes": _size(store),
    }
    cut = f"chunks of {layout.chunk_events:,}, files of {layout.shard_events:,}, tier {coded}"
    size = f", {before:,} → {_size(store):,} bytes"
    done = said(dry_run, "rewritten", f"{head.n_events:,} events: {cut}{'' if dry_run else size}")
    print_record(record, as_json=as_json, said=done if wanted else f"{store} is so already: {cut}")


@app.command("remove")
def remove(store: Store, ids: Ids, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Remove recordings from a store, and all that is known of them."""
    from eventstore.rewrite import remove_recordings, rows_of
    from eventstore.store import EventStore

    _refuse_dataset(store, "spikelake dataset remove-recording DATASET ID")
    with EventStore.open(store) as opened:
        rows = rows_of(opened, ids)
        n_events = int(opened.recordings.row_size[rows].sum())
        kept = opened.n_recordings - len(rows), opened.n_events - n_events
    if not dry_run:
        with progress_bar("remove") as progress:
            remove_recordings(store, ids, progress=progress)
    record = {
        "status": "ok",
        "dry_run": dry_run,
        "removed": len(rows),
        "removed_events": n_events,
        "recordings": kept[0],
        "events": kept[1],
    }
    what = f"{len(rows):,} recordings, {n_events:,} events; {kept[0]:,} recordings stay"
    print_record(record, as_json=as_json, said=said(dry_run, "removed", what))


@app.command("concat")
def concat(
    stores: Annotated[
        list[Path],
        typer.Argument(metavar="STORE…", help="What to join, in order.", show_default=False),
    ],
    *,
    into: Into,
    chunk_events: ChunkEvents = None,
    shard_events: ShardEvents = None,
    tier: TierOption = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Append all recordings of some stores to one, made where it is absent."""
    from eventstore.concatenate import concatenate_stores, plan_concatenation
    from eventstore.schema import Layout
    from eventstore.store import EventStore

    _refuse_dataset(into, "spikelake ingest SOURCE --into DATASET")
    layout = None
    if chunk_events or shard_events:
        layout = _layout(Layout(), chunk_events, shard_events)
    n, n_events = plan_concatenation(stores, into)
    digest = ""
    if not dry_run:
        with progress_bar("concat") as progress:
            concatenate_stores(stores, into, layout=layout, tier=_tier(tier), progress=progress)
        with EventStore.open(into) as opened:
            digest = opened.digest
    record = {
        "status": "ok",
        "dry_run": dry_run,
        "added": n,
        "added_events": n_events,
        "into": str(into),
        "digest": digest,
    }
    what = f"{n:,} recordings, {n_events:,} events, to {into}"
    print_record(record, as_json=as_json, said=said(dry_run, "added", what))


@app.command("salvage")
def salvage(
    store: AnyStore, *, into: Into, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Make a new store of all that is whole in a damaged one.

    Says what is lost by recording and µs range; the exit status is 1 where anything is.
    """
    from eventstore.salvage import salvage_store
    from eventstore.salvage_plan import plan_salvage

    if dry_run:
        plan = plan_salvage(store)
        plan.store.close()
        report = plan.report
    else:
        with progress_bar("salvage") as progress:
            report = salvage_store(store, into, progress=progress)
    if as_json:
        record = {"status": "ok", "dry_run": dry_run, **report.to_dict()}
        print_record(record, as_json=True, said="")
    else:
        _say_salvage(report, store, into, dry_run=dry_run)
    if report.lost or any(finding.check == "side" for finding in report.findings):
        raise typer.Exit(1)


@app.command("export")
def export(
    store: AnyStore,
    target: Annotated[
        Path, typer.Argument(metavar="OUT.zip", help="File to write.", show_default=False)
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Pack a store into one zip, which opens as the store does."""
    from eventstore.packing import pack_store
    from eventstore.store import EventStore

    if target.suffix != ".zip":
        message = f"{target} does not end in .zip"
        raise InvalidInput(message, hint=f"for example {target}.zip")
    with EventStore.open(store) as opened:
        n, n_events = opened.n_recordings, opened.n_events
        if not dry_run:
            pack_store(opened, target)
    n_bytes = 0 if dry_run else target.stat().st_size
    record = {"status": "ok", "dry_run": dry_run, "target": str(target)}
    record |= {"recordings": n, "events": n_events, "bytes": n_bytes}
    size = "" if dry_run else f", {n_bytes:,} bytes"
    what = f"{n:,} recordings, {n_events:,} events into {target}{size}"
    print_record(record, as_json=as_json, said=said(dry_run, "packed", what))


def _layout(now: "Layout", chunk_events: int | None, shard_events: int | None) -> "Layout":
    """Return a layout with what is asked for; a file is made to fit where only chunks are."""
    chunk = chunk_events or now.chunk_events
    shard = shard_events or max(1, now.shard_events // max(1, chunk)) * chunk
    return replace(now, chunk_events=chunk, shard_events=shard)


def _tier(name: str | None) -> Tier | None:
    from eventstore.codecs import TIERS, codecs_of

    if name is not None:
        codecs_of(name)  # refuses what is none
    return next((tier for tier in TIERS if tier == name), None)


def _refuse_dataset(store: Path, verb: str) -> None:
    """Refuse to change the recordings of a store whose dataset keeps tables of them."""
    if (store.absolute().parent / "dataset.yaml").is_file():
        message = f"{store} is the store of a dataset, whose tables list its recordings"
        raise InvalidInput(message, hint=f"use: {verb}")


def _size(store: Path) -> int:
    """Return the bytes of a store's files that are here."""
    return sum(file.stat().st_size for file in store.rglob("*") if file.is_file())


def _say_salvage(report: "SalvageReport", store: str, into: Path, *, dry_run: bool) -> None:
    for finding in report.findings:
        typer.echo(f"{finding.severity.name.lower()}: {finding.where}: {finding.message}")
    for lost in report.lost:
        place = f"{lost.recording_id}#{lost.t_start}-{lost.t_stop}"
        typer.echo(f"lost: {place}: {lost.n_events:,} events: {lost.reason}")
    if report.unverified:
        typer.echo(f"not verified: {len(report.unverified):,} recordings, for want of digests")
    pieces = f" and {len(report.pieces):,} stretches of others" if report.pieces else ""
    what = (
        f"{report.n_whole:,} of {report.n_recordings:,} recordings whole{pieces}: "
        f"{report.n_events:,} events; lost {report.n_lost:,}"
    )
    typer.echo(said(dry_run, "salvaged", f"{what}{'' if dry_run else f'; in {into}'}"))
    if report.lost and not dry_run:
        typer.echo(f"{store} is as it was: keep it until the new store is what you need")
