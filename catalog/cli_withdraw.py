"""The verb ``spikelake dataset withdraw``."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eventstore.findings import has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record, said
from eventstore.progress import progress_bar

if TYPE_CHECKING:
    from catalog.withdrawal.withdrawing import WithdrawalReport


def withdraw(
    folder: Annotated[
        Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
    ],
    *,
    subject: Annotated[
        str, typer.Option(metavar="ID", help="Who takes their consent back.", show_default=False)
    ] = "",
    column: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Column of recordings.tsv that says who it is; subject_id or subject if absent.",
            show_default=False,
        ),
    ] = "",
    recording: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="One recording; repeat for more.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Withdraw a subject: recordings leave the dataset, their bytes every place that is known.

    A version without them is saved. Old versions lose the files that held them, and with these
    the events of other recordings in them; published copies and git-annex's remotes are cleared,
    too. The exit status is 1 where something could not be reached. This cannot be undone.
    """
    from catalog.folder import open_dataset
    from catalog.withdrawal.finding import find_recordings
    from catalog.withdrawal.withdrawing import withdraw_recordings

    dataset = open_dataset(folder)
    ids = find_recordings(
        dataset, subject=subject, column=column, recordings=tuple(recording or ())
    )
    again = _again(folder, subject, column, recording or [])
    with progress_bar("withdraw") as progress:
        report = withdraw_recordings(dataset, ids, again=again, dry_run=dry_run, progress=progress)
    status = "error" if has_errors(report.findings) else "ok"
    record = {"status": status, "dry_run": dry_run, **report.to_dict()}
    print_record(record, as_json=as_json, said="\n".join(_lines(report, dry_run=dry_run)))
    if report.findings and not as_json:
        print_findings(report.findings, as_json=False, where=str(folder))
    if has_errors(report.findings):
        raise typer.Exit(1)


def _again(folder: Path, subject: str, column: str, recordings: Sequence[str]) -> str:
    command = ["spikelake", "dataset", "withdraw", str(folder)]
    command += ["--subject", subject] if subject else []
    command += ["--column", column] if column else []
    for name in recordings:
        command += ["--recording", name]
    return shlex.join(command)


def _lines(report: "WithdrawalReport", *, dry_run: bool) -> list[str]:
    n = len(report.recordings)
    there = f", {report.removed:,} of them in the work tree" if report.removed < n else ""
    lines = [said(dry_run, "withdrawn", f"{n:,} recording{'' if n == 1 else 's'}{there}")]
    if report.version and not dry_run:
        lines.append(f"version {report.version} is without them")
    if report.versions:
        files = f"{report.n_files:,} files, {report.n_bytes:,} bytes"
        had = f"versions {', '.join(report.versions)} had them in {files}"
        lines.append(f"{had}, which {'would go' if dry_run else 'are gone from what was reached'}")
    if report.shared:
        others = f"{len(report.shared):,} other recordings lie in the same files"
        lines.append(f"{others}: old versions lose these too, the new one has them")
    for name, count in report.splits.items():
        lines.append(f"split {name}: {count:,} samples are withdrawn; its digest stays")
    lines += [f"published at: {url}" for url in report.published]
    lines += [f"reached: {remote}" for remote in report.remotes]
    lines.append("frames of it may be cached: see spikelake cache list, spikelake cache clear KEY")
    return lines
