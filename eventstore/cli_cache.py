"""The verbs ``spikelake cache list | show | clear``."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstore.errors import NotFound
from eventstore.output import AsJson, DryRun, print_record, said

if TYPE_CHECKING:
    from eventstore.cache.room import Kept, Room

app = typer.Typer(name="cache", help="See and clear what expensive pipelines made.")

SHORT = 12
"""Digits of a key that are shown, and enough to name one."""


def register(main: typer.Typer) -> None:
    """Add the verbs to the command line."""
    main.add_typer(app, no_args_is_help=True)


FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="The cache's folder; the user's own where absent."),
]
Key = Annotated[
    str,
    typer.Argument(metavar="KEY", help="The first digits of a key, as listed.", show_default=False),
]
Keys = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY…]", help="What to clear; all where absent.", show_default=False),
]


@app.command("list")
def list_kept(folder: FolderOption = None, as_json: AsJson = False) -> None:
    """List what is kept, the last used first."""
    room = _room(folder)
    kept = room.kept()
    for one in kept:
        in_use = ", in use" if one.in_use else ""
        size = f"{one.n_blocks:,} blocks, {one.n_bytes:,} bytes{in_use}"
        line = f"{one.folder.name[:SHORT]}  {size}, {_when(one)}: {_of(one)}"
        print_record(_record(one), as_json=as_json, said=line)
    if not kept and not as_json:
        typer.echo(f"nothing is kept in {room.folder}")


@app.command("show")
def show(key: Key, folder: FolderOption = None, as_json: AsJson = False) -> None:
    """Say what the blocks of a key are of, how many are there, and whether caching paid."""
    kept = _find(_room(folder), key)
    manifest = kept.manifest
    verdict = manifest.verdict if manifest else None
    of_all = f" of {manifest.key.n_blocks:,}" if manifest else ""
    lines = [
        _of(kept),
        f"{kept.n_blocks:,}{of_all} blocks, {kept.n_bytes:,} bytes, in {kept.folder}",
        f"last used {_when(kept)}{', in use now' if kept.in_use else ''}",
        str(verdict or "whether it pays was not measured"),
    ]
    print_record(_record(kept), as_json=as_json, said="\n".join(lines))


@app.command("clear")
def clear(
    keys: Keys = None,
    folder: FolderOption = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Delete what is kept under some keys, or all; who uses it now makes it anew."""
    room = _room(folder)
    kept = [_find(room, key) for key in keys] if keys else room.kept()
    n_bytes = sum(one.n_bytes for one in kept)
    if not dry_run:
        n_bytes = sum(room.clear(one.folder) for one in kept)
    record = {
        "status": "ok",
        "dry_run": dry_run,
        "keys": [one.folder.name for one in kept],
        "blocks": sum(one.n_blocks for one in kept),
        "bytes": n_bytes,
    }
    what = f"{record['blocks']:,} blocks of {len(kept):,} keys, {n_bytes:,} bytes"
    print_record(record, as_json=as_json, said=said(dry_run, "deleted", what))


def _room(folder: Path | None) -> "Room":
    from eventstore.cache.room import MAX_BYTES, Room, default_folder

    return Room(folder or default_folder(), MAX_BYTES)


def _find(room: "Room", key: str) -> "Kept":
    kept = room.kept()
    found = [one for one in kept if one.folder.name.startswith(key)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(one.folder.name for one in found)
        message = f"{key!r} begins {len(found)} keys: {names}"
        raise NotFound(message, hint="give more digits")
    known = [one.folder.name[:SHORT] for one in kept]
    missing = NotFound.among("key", key, known, hint="see: spikelake cache list")
    raise missing


def _of(kept: "Kept") -> str:
    return kept.manifest.describe() if kept.manifest else "what it is of cannot be read"


def _when(kept: "Kept") -> str:
    return datetime.fromtimestamp(kept.last_used).astimezone().strftime("%Y-%m-%d %H:%M")


def _record(kept: "Kept") -> dict[str, object]:
    manifest = kept.manifest
    verdict = manifest.verdict if manifest else None
    return {
        "status": "ok",
        "key": kept.folder.name,
        "of": _of(kept),
        "reference": manifest.reference if manifest else "",
        "blocks": kept.n_blocks,
        "blocks_in_all": manifest.key.n_blocks if manifest else None,
        "bytes": kept.n_bytes,
        "last_used": datetime.fromtimestamp(kept.last_used).astimezone().isoformat(),
        "in_use": kept.in_use,
        "verdict": verdict.to_dict() if verdict else None,
        "folder": str(kept.folder),
    }
