"""The verb ``spikelake dataset archive``."""

from pathlib import Path
from typing import Annotated

import typer

from catalog.reference import parse_reference
from eventstore.output import AsJson, DryRun, print_record, said
from eventstore.progress import progress_bar

Ref = Annotated[
    str,
    typer.Argument(
        metavar="DATASET[@VERSION]",
        help="Folder of the dataset, and a version; the highest where none is named.",
        show_default=False,
    ),
]


def archive(
    reference: Ref,
    out: Annotated[
        Path, typer.Argument(metavar="OUT.zip", help="File to write.", show_default=False)
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Pack a version into one zip, for an archive that gives out DOIs.

    A BagIt of all its files with datacite.json; unpacked, it opens and verifies without git.
    """
    from catalog.folder import open_dataset
    from catalog.interchange.archive import archive_version

    wanted = parse_reference(reference)
    dataset = open_dataset(wanted.name)
    with progress_bar("archive") as progress:
        report = archive_version(dataset, wanted.version, out, dry_run=dry_run, progress=progress)
    record = {"status": "ok", "dry_run": dry_run, **report.to_dict()}
    what = f"{report.reference}: {report.files:,} files, {report.n_bytes:,} bytes, into {out}"
    summed = f"\nsha256 {report.sha256}" if report.sha256 else ""
    print_record(record, as_json=as_json, said=said(dry_run, "packed", what) + summed)
