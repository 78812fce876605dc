"""How the catalog's verbs print: tables for people, JSON lines for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catalog.reference import SHORT_DIGEST
from eventstore.findings import Finding

if TYPE_CHECKING:
    from rich.console import Console

AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print lines of JSON instead of a table.")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Check and say what would be done; change nothing.")
]


def print_record(record: Mapping[str, object], *, as_json: bool, said: str) -> None:
    """Print one result: a line of JSON, or a sentence."""
    typer.echo(json.dumps(record, ensure_ascii=False) if as_json else said)


def print_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, leaving out what is empty."""
    print_table(title, (), [(name, value) for name, value in facts if value])


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; without columns it has no head."""
    from rich.table import Table

    table = Table(show_header=bool(columns))
    content = [list(row) for row in rows]
    console = _console()
    heads = columns or [""] * len(content[0] if content else ())
    whole = _whole_columns([heads, *content], console.width)
    for at, name in enumerate(heads):  # folded, as a digest cut short is of no use
        table.add_column(name, overflow="fold", no_wrap=at in whole)
    for row in content:
        table.add_row(*row)
    console.print(title, soft_wrap=True)
    console.print(table)


def print_findings(findings: Sequence[Finding], *, as_json: bool, where: str) -> None:
    """Print what a check found, one entry for all findings that say the same."""
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


def _whole_columns(rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Return the narrow columns, which stay whole where the others then have room to fold."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    narrow = {at for at, size in enumerate(widths[:-1]) if size <= SHORT_DIGEST}
    room = width - sum(size + 3 for at, size in enumerate(widths) if at in narrow)
    return narrow if room >= SHORT_DIGEST * (len(widths) - len(narrow)) // 2 else set()


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False)
