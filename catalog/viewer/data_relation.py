"""Which of the data that a run or a report cites are the data that are shown here."""

from collections.abc import Mapping
from typing import NamedTuple

from catalog.reference import Reference, parse_reference
from catalog.tasks.record import TaskRecord, read_task
from catalog.viewer.shown import ShownState
from catalog.viewer.split_matrix import samples_of
from eventstore.errors import SpikelakeError


class Data(NamedTuple):
    """How data that are cited stand to those shown.

    Args:
        relation: in words.
        split: name of the split shown here that is meant; empty where none is.
        same: names of the splits shown here that have just the samples cited.
    """

    relation: str = "not told"
    split: str = ""
    same: frozenset[str] = frozenset()


def data_of(state: ShownState, cited: str) -> Data:
    """Return how what is cited stands to what is shown; digests decide, names only lead there.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> data_of(Shown(tiny_dataset()).state(), "plants@1.0.0/split:official#0123abcd").relation
        'another dataset'
    """
    try:
        wanted = parse_reference(cited)
    except SpikelakeError:
        return Data()
    if wanted.task is not None:
        return _of_task(state, wanted)
    if wanted.split is None:
        return Data("this dataset" if _is_here(state, wanted) else "another dataset")
    same = _same_splits(state, wanted)
    if same:
        return Data("the same split", min(same), same)
    if not _is_here(state, wanted):
        return Data("another dataset")
    if wanted.split not in state.version.splits:
        return Data("a split that is not here")
    return Data("a split of this name, other samples", wanted.split)


def folds_of(state: ShownState, split: str) -> Mapping[str, tuple[str, ...]]:
    """Return the folds of a split that each recording has samples in.

    Examples:
        >>> from catalog.splits.rules import OfficialRule
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", OfficialRule())
        >>> folds_of(Shown(ds).state(), "official")["Test/left/0"]
        ('test',)
    """

    def read() -> Mapping[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for recording, fold in samples_of(state, split):
            found.setdefault(recording, set()).add(fold)
        return {name: tuple(sorted(folds)) for name, folds in found.items()}

    return state.once(f"folds {split}", read)


def _is_here(state: ShownState, wanted: Reference) -> bool:
    return wanted.dataset == state.version.name


def _same_splits(state: ShownState, wanted: Reference) -> frozenset[str]:
    """Return the splits that have the digest cited, whatever they are called here."""
    if wanted.digest is None:
        return frozenset()
    digests = state.once("split digests", lambda: _digests(state))
    return frozenset(name for name, is_ in digests.items() if is_.startswith(wanted.digest))


def _digests(state: ShownState) -> dict[str, str]:
    return {name: state.version.split_record(name).digest for name in state.version.splits}


def _of_task(state: ShownState, wanted: Reference) -> Data:
    """Return how a task stands to what is shown, by its digest and the splits that it is over."""
    name = str(wanted.task)
    if not _is_here(state, wanted):
        return Data("another dataset")
    if name not in state.version.tree.names("tasks", ".json"):
        return Data("a task that is not here")
    try:
        task = state.once(f"task {name}", lambda: read_task(state.version.tree, name))
    except SpikelakeError:
        return Data("a task of this name, which is damaged here")
    if wanted.digest is None or not task.digest.startswith(wanted.digest):
        return Data("a task of this name, another one")
    same = _splits_of(state, task)
    return Data("the same task", min(same, default=""), same)


def _splits_of(state: ShownState, task: TaskRecord) -> frozenset[str]:
    digests = state.once("split digests", lambda: _digests(state))
    wanted = {part.split_digest for part in task.parts}
    return frozenset(name for name, digest in digests.items() if digest in wanted)
