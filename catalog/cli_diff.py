"""The verb ``spikelake dataset diff``."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from catalog.reference import DRAFT, parse_reference
from eventstore.output import AsJson

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion
    from catalog.diff.change import Diff

SHOWN = 40
"""Changes that a table lists unless all are asked for."""

WIDEST = 60
"""Letters of a value that a table shows."""


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="A dataset, and the first version; the highest where none is named.",
            show_default=False,
        ),
    ],
    after: Annotated[
        str,
        typer.Argument(
            metavar="[VERSION]",
            help="The second: a version of the same dataset, or a reference to another.",
        ),
    ] = DRAFT,
    *,
    every: Annotated[bool, typer.Option("--all", help="List every change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two versions, or a version and the work tree.

    By recording, label interval, split row and card field, with what the changes ask of the
    version number.
    """
    from catalog.diff.compare import diff_trees

    first = parse_reference(before)
    old = _opened(before)
    new = _opened(_second(first.name, after))
    found = diff_trees(old.tree, new.tree)
    number = _number(old, found)
    if as_json:
        head = {"before": found.before, "after": found.after, "bump": found.bump.text}
        typer.echo(json.dumps({**head, "next_version": number, "changes": len(found.changes)}))
        for change in found.changes:
            typer.echo(json.dumps(change.to_dict(), ensure_ascii=False))
        return
    _print_diff(found, number, every=every)


def _second(name: str, after: str) -> str:
    """Return the second reference: of the same dataset where a version alone is given."""
    if after == DRAFT or after.startswith("@") or after.replace(".", "").isdecimal():
        return f"{name}@{after.removeprefix('@')}"
    return after


def _opened(reference: str) -> "DatasetVersion":
    from catalog.folder import open_version

    return open_version(reference)


def _number(old: "DatasetVersion", found: "Diff") -> str | None:
    from catalog.diff.bump import Bump, next_version

    if old.version is None or found.bump is Bump.NONE:
        return None
    return next_version(old.version.version, found.bump)


def _print_diff(found: "Diff", number: str | None, *, every: bool) -> None:
    if not found.changes:
        typer.echo(f"{found.before} and {found.after}: nothing differs")
        return
    counts: dict[str, dict[str, int]] = {}
    for (what, how), n in found.counts().items():
        counts.setdefault(what, {})[how] = n
    hows = ("added", "removed", "changed", "renamed")
    rows = [(what, *(f"{of[h]:,}" if h in of else "" for h in hows)) for what, of in counts.items()]
    asks = f", at least {number}" if number else ""
    title = f"{found.before} → {found.after}: a {found.bump.text} change{asks}"
    print_table(title, ("what", *hows), rows)
    shown = found.changes if every else found.changes[:SHOWN]
    cells = [
        (c.bump.text, c.how.value, c.what, c.name, _said(c.of, c.before, c.after)) for c in shown
    ]
    more = len(found.changes) - len(shown)
    title = f"changes (the first {len(shown)} of {len(found.changes):,}; --all lists them)"
    print_table(title if more else "changes", ("asks for", "how", "what", "which", ""), cells)


def _said(of: str, before: str, after: str) -> str:
    old, new = (v if len(v) <= WIDEST else v[: WIDEST - 1] + "…" for v in (before, after))
    turned = f"{old} → {new}" if old and new else old or new
    return f"{of}: {turned}" if of and turned else of or turned
