"""How verbs print: sentences for people, lines of JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import typer

from eventstore.findings import Finding

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print lines of JSON instead of sentences.")
]

DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check and say what would be done; change nothing.")
]


def print_record(record: Mapping[str, object], *, as_json: bool, said: str) -> None:
    """Print one result: a line of JSON, or a sentence.

    Examples:
        >>> print_record({"status": "ok"}, as_json=True, said="done")
        {"status": "ok"}
    """
    typer.echo(json.dumps(record, ensure_ascii=False) if as_json else said)


def print_findings(findings: Sequence[Finding], *, as_json: bool, where: str) -> None:
    """Print what a check found, one entry for all findings that say the same.

    Examples:
        >>> print_findings([], as_json=False, where="events.zarr")
        events.zarr: everything agrees
    """
    if as_json:
        for finding in findings:
            typer.echo(json.dumps(finding.to_dict(), ensure_ascii=False))
        return
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity.name.lower(), finding.message, finding.fix)
        groups.setdefault(key, []).append(finding)
    for (severity, message, fix), members in groups.items():
        others = f" (and {len(members) - 1:,} more)" if len(members) > 1 else ""
        typer.echo(f"{severity}: {members[0].where}{others}: {message}")
        if fix:
            typer.echo(f"  fix: {fix}")
    if not findings:
        typer.echo(f"{where}: everything agrees")


def said(dry_run: bool, done: str, what: str) -> str:
    """Return what was done, or would have been.

    Examples:
        >>> said(True, "removed", "3 recordings")
        'would have removed 3 recordings'
    """
    return f"would have {done} {what}" if dry_run else f"{done} {what}"
