"""Compare two states of a dataset: recordings, labels, splits, tasks, card and files."""

from collections.abc import Iterator

from catalog.diff.bump import Bump
from catalog.diff.change import Change, Diff, How
from catalog.diff.fields import card_changes
from catalog.diff.labels import label_changes
from catalog.diff.recordings import recording_changes
from catalog.diff.splits import split_changes
from catalog.statistics.table import STATISTICS
from catalog.tree import LEAKAGE_SUFFIX, RECORDINGS, STORE, Tree, is_history
from eventstore.errors import NotFound

CARD = "dataset.yaml"

GENERATED = frozenset({"README.md", "croissant.json", "CITATION.cff"})
"""Written anew with each version, so that they differ for no reason of their own."""


def diff_trees(before: Tree, after: Tree) -> Diff:
    """Return what differs between two states of a dataset.

    Only text is read, none of the events: recordings are compared by their logical digests.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> saved = ds.save("1.0.0")
        >>> ds.set_column("speaker", {"Train/left/0": "ann"})
        >>> [str(change) for change in diff_trees(ds.at("1.0.0").tree, ds.draft().tree).changes]
        ['column speaker of recordings.tsv added']
    """
    changes = list(recording_changes(_text(before, RECORDINGS), _text(after, RECORDINGS)))
    same_events = not any(change.bump > Bump.PATCH for change in changes)
    changes += _label_sets(before, after)
    changes += _splits(before, after)
    changes += _tasks(before, after)
    changes += card_changes(_text(before, CARD), _text(after, CARD))
    changes += _files(before, after, same_events=same_events)
    return Diff.of(before.where, after.where, changes)


def _label_sets(before: Tree, after: Tree) -> Iterator[Change]:
    for name in _names(before, after, "labels", ".tsv"):
        path = f"labels/{name}.tsv"
        yield from label_changes(name, _text(before, path), _text(after, path))


def _splits(before: Tree, after: Tree) -> Iterator[Change]:
    for name in _names(before, after, "splits", ".json"):
        old, new = _split_texts(before, name), _split_texts(after, name)
        yield from split_changes(name, old, new)


def _tasks(before: Tree, after: Tree) -> Iterator[Change]:
    for name in _names(before, after, "tasks", ".json"):
        path = f"tasks/{name}.json"
        old, new = _text(before, path), _text(after, path)
        if old != new:
            how = How.ADDED if not old else How.CHANGED if new else How.REMOVED
            bump = Bump.MINOR if how is How.ADDED else Bump.MAJOR
            yield Change(what="task", name=name, how=how, bump=bump)


def _files(before: Tree, after: Tree, *, same_events: bool) -> Iterator[Change]:
    """Yield files that differ and that nothing above tells of, the store's as one."""
    old, new = set(before.paths()), set(after.paths())
    encoded = False
    for path in sorted(old | new):
        if _is_told(path, same_events=same_events):
            continue
        inside = path.startswith(STORE + "/")
        if inside and encoded:
            continue
        if path in old and path in new and before.sha256(path) == after.sha256(path):
            continue
        how = How.ADDED if path not in old else How.CHANGED if path in new else How.REMOVED
        if inside:
            encoded = True
            yield Change(
                what="store",
                name=STORE,
                how=How.CHANGED,
                bump=Bump.PATCH,
                after="the same events, stored otherwise",
            )
        else:
            yield Change(what="file", name=path, how=how, bump=_of_file(path, how))


def _is_told(path: str, *, same_events: bool) -> bool:
    """Say whether a file's change is told elsewhere, or tells nothing."""
    folder, _, name = path.rpartition("/")
    if path == STATISTICS or path.startswith(STORE + "/"):
        return not same_events
    rows = folder in {"labels", "splits"} and name.endswith((".tsv", ".json"))
    if folder == "labels" and not name.endswith(".tsv"):
        rows = False
    if _is_leakage_report(path):
        rows = False
    return (
        rows
        or (folder == "tasks" and name.endswith(".json"))
        or path in GENERATED
        or path in {RECORDINGS, CARD}
        or is_history(path)
    )


def _of_file(path: str, how: How) -> Bump:
    """Return what a file of another kind asks for: much where samples may depend on it."""
    if path.startswith("labels/errata/") or _is_leakage_report(path):
        return Bump.PATCH  # what was corrected counts by itself; this only says why
    if path.startswith(("labels/", "splits/", "tasks/")):
        return Bump.MINOR if how is How.ADDED else Bump.MAJOR
    return Bump.PATCH


def _is_leakage_report(path: str) -> bool:
    return path.startswith("splits/") and path.endswith(f"{LEAKAGE_SUFFIX}.json")


def _names(before: Tree, after: Tree, folder: str, suffix: str) -> list[str]:
    return sorted({*before.names(folder, suffix), *after.names(folder, suffix)})


def _split_texts(tree: Tree, name: str) -> tuple[str, str]:
    return _text(tree, f"splits/{name}.json"), _text(tree, f"splits/{name}.tsv")


def _text(tree: Tree, path: str) -> str:
    try:
        return tree.text(path)
    except NotFound:
        return ""
