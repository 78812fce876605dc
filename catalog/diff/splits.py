"""Splits that differ between two states, row by row."""

from collections.abc import Iterator

from catalog.diff.bump import Bump
from catalog.diff.change import Change, How
from catalog.diff.tables import row_changes
from catalog.reference import SHORT_DIGEST
from catalog.text_files import parse_json
from catalog.tsv import Table


def split_changes(name: str, before: tuple[str, str], after: tuple[str, str]) -> Iterator[Change]:
    """Yield what differs between the texts of ``splits/<name>.json`` and ``.tsv``.

    Both are empty where a state has no such split. A split is never rewritten, so any change of
    a row is a major one; one that somebody made by hand under the same name, for instance.
    """
    if before == after:
        return
    if not before[0] or not after[0]:
        how, bump = (How.REMOVED, Bump.MAJOR) if before[0] else (How.ADDED, Bump.MINOR)
        said = [_said(name, texts) if texts[0] else "" for texts in (before, after)]
        yield Change(what="split", name=name, how=how, bump=bump, before=said[0], after=said[1])
        return
    sums = _digest(name, before[0]), _digest(name, after[0])
    if sums[0] != sums[1] or before[1] == after[1]:
        bump = Bump.MAJOR if sums[0] != sums[1] else Bump.PATCH
        shown = sums if bump is Bump.MAJOR else ("", "")
        yield Change(
            what="split", name=name, how=How.CHANGED, bump=bump, before=shown[0], after=shown[1]
        )
    yield from _row_changes(name, before[1], after[1])


def _row_changes(name: str, before: str, after: str) -> Iterator[Change]:
    path = f"splits/{name}.tsv"
    if before == after:
        return
    found = row_changes(
        Table.parse(before, path=path), Table.parse(after, path=path), ["sample_id"]
    )
    rows = [(a["sample_id"], How.CHANGED, a["fold"], b["fold"]) for a, b in found.changed]
    rows += [(row["sample_id"], How.REMOVED, row["fold"], "") for row in found.removed]
    rows += [(row["sample_id"], How.ADDED, "", row["fold"]) for row in found.added]
    for sample, how, old, new in rows:
        yield Change(
            what="split row",
            name=sample,
            how=how,
            bump=Bump.MAJOR,
            of=name,
            before=old,
            after=new,
        )


def _said(name: str, texts: tuple[str, str]) -> str:
    n = len(Table.parse(texts[1], path=f"splits/{name}.tsv").rows) if texts[1] else 0
    return f"{n:,} samples {_digest(name, texts[0])}"


def _digest(name: str, text: str) -> str:
    content = parse_json(text, f"splits/{name}.json")
    return str(content.get("digest", ""))[:SHORT_DIGEST] if isinstance(content, dict) else ""
