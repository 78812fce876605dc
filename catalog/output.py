"""How the catalog's verbs print tables; sentences and JSON are in `eventstore.output`."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.reference import SHORT_DIGEST
from eventstore.findings import Finding

if TYPE_CHECKING:
    from rich.console import Console


def print_facts(title: str, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, leaving out what is empty."""
    print_table(title, (), [(name, value) for name, value in facts if value])


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()
) -> None:
    """Print a table; without columns it has no head, and ``whole`` ones are never folded."""
    from rich.table import Table

    table = Table(show_header=bool(columns))
    content = [list(row) for row in rows]
    console = _console()
    heads = columns or [""] * len(content[0] if content else ())
    narrow = _whole_columns([heads, *content], console.width)
    for at, name in enumerate(heads):  # folded, as a digest cut short is of no use
        table.add_column(name, overflow="fold", no_wrap=at in narrow or name in whole)
    for row in content:
        table.add_row(*row)
    console.print(title, soft_wrap=True)
    console.print(table)


def of_dataset(findings: Iterable[Finding], folder: str) -> list[Finding]:
    """Return findings whose remedies name the folder in place of DATASET, to be pasted.

    Examples:
        >>> from eventstore.findings import Severity
        >>> fields = {"where": "labels", "message": "nothing is labelled", "check": "unlabelled"}
        >>> fix = "spikelake label import DATASET FILE"
        >>> one = Finding(severity=Severity.WARNING, fix=fix, **fields)
        >>> of_dataset([one], "my walks")[0].fix
        "spikelake label import 'my walks' FILE"
    """
    return [replace(f, fix=f.fix.replace(" DATASET", f" {shlex.quote(folder)}")) for f in findings]


def _whole_columns(rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Return the narrow columns, which stay whole where the others then have room to fold."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    narrow = {at for at, size in enumerate(widths[:-1]) if size <= SHORT_DIGEST}
    room = width - sum(size + 3 for at, size in enumerate(widths) if at in narrow)
    return narrow if room >= SHORT_DIGEST * (len(widths) - len(narrow)) // 2 else set()


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False)
