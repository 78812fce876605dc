"""The verb ``spikelake export-site``."""

from pathlib import Path
from typing import Annotated

import typer

from eventstore.output import AsJson, DryRun, print_record, said
from eventstore.progress import progress_bar


def export_site(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="Folder or URL of the dataset; its work tree where no version is named.",
            show_default=False,
        ),
    ],
    folder: Annotated[Path, typer.Argument(help="Where to write it.", show_default=False)],
    *,
    where: Annotated[str, typer.Option(help="Only recordings that this is true of.")] = "",
    frames: Annotated[int, typer.Option(help="Pictures of each recording.")] = 48,
    pixels: Annotated[int, typer.Option(help="Largest width or height of a picture.")] = 128,
    sound: Annotated[
        bool,
        typer.Option("--sound", help="With the sounds that it was made from, where it has them."),
    ] = False,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder of training runs to show beside it; repeat for more.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the pages of the viewer as files, for any web server.

    Nothing can be changed there, and pictures are made in advance: fewer and smaller ones than
    `spikelake serve` shows.
    """
    from catalog.viewer.opening import open_shown
    from catalog.viewer.site import site_recordings, write_site
    from catalog.viewer.site_recordings import SiteOptions

    options = SiteOptions(frames=frames, pixels=pixels, where=where, sound=sound)
    shown = open_shown(reference, runs=tuple(runs or ()))
    record: dict[str, object] = {"status": "ok", "dry_run": dry_run, "folder": str(folder)}
    if dry_run:
        n = len(site_recordings(shown, folder, options))
        what = f"{n:,} recordings of {reference} into {folder}"
    else:
        with progress_bar("export-site") as progress:
            report = write_site(shown, folder, options, told=progress)
        n = report.n_recordings
        record |= {"files": report.n_files, "bytes": report.n_bytes}
        size = f"{report.n_files:,} files, {report.n_bytes / 1e6:,.1f} MB"
        look = f"look at it: python -m http.server --directory {folder} --bind 127.0.0.1"
        what = f"{n:,} recordings of {reference} into {folder} ({size})\n{look}"
    print_record({**record, "recordings": n}, as_json=as_json, said=said(dry_run, "exported", what))
