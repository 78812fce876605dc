"""The verb ``spikelake check``."""

from typing import Annotated

import typer

from eventstore.findings import Severity, has_errors
from eventstore.output import AsJson, print_findings
from eventstore.progress import progress_bar


def check(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="Folder of the dataset, and a version; the work tree where none is named.",
            show_default=False,
        ),
    ],
    *,
    limit: Annotated[
        list[str] | None,
        typer.Option(help="NAME=NUMBER, repeated; --limits lists them.", show_default=False),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Names of checks to show; all where absent.", show_default=False),
    ] = None,
    limits: Annotated[bool, typer.Option("--limits", help="List the limits and stop.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 on warnings, too, not on errors alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for what a curator should look at.

    Recordings unlike the others, gaps, hot pixels, saturation, labels that overlap or are spelled
    in two ways, what the card leaves open. Nothing is changed.
    """
    from dataclasses import asdict

    from catalog.curation.check import check_curation
    from catalog.curation.limits import parse_limits
    from catalog.folder import open_source, state_of
    from catalog.output import of_dataset, print_facts
    from catalog.reference import parse_reference

    bounds = parse_limits(limit or [])
    if limits:
        print_facts("limits", [(name, f"{value:g}") for name, value in asdict(bounds).items()])
        return
    wanted = parse_reference(reference)
    source = open_source(wanted.name)
    with state_of(source, wanted.version) as state, progress_bar("check") as progress:
        found = check_curation(state, bounds, progress=progress)
    found = [finding for finding in found if not only or finding.check in only]
    found = of_dataset(found, wanted.name)
    print_findings(found, as_json=as_json, where=reference)
    if has_errors(found) or (strict and any(f.severity >= Severity.WARNING for f in found)):
        raise typer.Exit(1)
