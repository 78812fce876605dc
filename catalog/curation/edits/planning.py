"""Work out what applying the accepted edits does; nothing is written.

An edit whose number stands in its recording's provenance is in the store already: a kill came
between the store and the tables. It is not done again; what is left to do is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.curation.edits.edit import ON_EVENTS, Edit, Kind, Status
from catalog.curation.edits.effects import Effect, edits_in, effect_on
from catalog.curation.edits.log import read_log
from catalog.curation.edits.on_labels import Left
from catalog.curation.edits.reviewing import stale
from catalog.tree import WorkTree
from catalog.tsv import Table
from eventstore.errors import Conflict
from eventstore.selection import sample_id
from eventstore.store import EventStore

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPlan:
    """What applying edits does.

    Args:
        edits: the accepted edits, in order.
        changed: recordings to be changed in the store, with the edits of each.
        effects: what is left of each of them.
        in_store: recordings that a killed run changed already, with the edits of each.
        dropped: recordings to be left out.
        splits: splits that list what changes; they go from the work tree.
    """

    edits: tuple[Edit, ...]
    changed: Mapping[str, tuple[Edit, ...]]
    effects: Mapping[str, Effect]
    in_store: Mapping[str, tuple[Edit, ...]]
    dropped: tuple[str, ...]
    splits: tuple[str, ...]

    @property
    def relabels(self) -> list[Edit]:
        """The edits of labels."""
        return [edit for edit in self.edits if edit.kind is Kind.RELABEL]

    def left(self, store: EventStore | None = None) -> dict[str, Left]:
        """Return what is left of each changed recording, by what is planned, or by a store."""
        of = {**self.in_store, **self.changed}
        if store is None:
            return {name: Left(of[name], effect.t_stop) for name, effect in self.effects.items()}
        stops, rows = store.recordings.t_stop, store.recordings
        return {name: Left(edits, int(stops[rows.row(name)])) for name, edits in of.items()}


def plan_apply(dataset: "Dataset", *, drop_splits: bool = False) -> ApplyPlan:
    """Return what applying would do, decoding the recordings that change.

    Raises:
        Conflict: an edit was proposed for another state of its recording, or a frozen split lists
            what changes and ``drop_splits`` is off.
        IntegrityError: stored bytes are damaged.
        MissingContent: they are not on this machine.
    """
    tree = WorkTree(dataset.root)
    edits = tuple(read_log(tree).of_status(Status.ACCEPTED))
    by_recording: dict[str, list[Edit]] = {}
    for edit in edits:
        by_recording.setdefault(edit.recording_id, []).append(edit)
    dropped = {edit.recording_id for edit in edits if edit.kind is Kind.DROP}
    changed, in_store, effects = {}, {}, {}
    if edits:
        with dataset.draft().store as store:
            for name, its in by_recording.items():
                done = _done_in(store, name, its)
                _check_state(tree.where, store, name, its, done)
                on_events = tuple(e for e in its if e.kind in ON_EVENTS)
                if name in dropped or not on_events:
                    continue
                if done:
                    in_store[name] = on_events
                else:
                    changed[name] = on_events
                effects[name] = _effect(store, name, on_events, done=bool(done))
    touched = {e.recording_id for e in edits if e.kind in ON_EVENTS}
    splits = _splits_with(tree, touched, [e for e in edits if e.kind is Kind.RELABEL])
    _check_splits(tree, splits, drop_splits=drop_splits)
    return ApplyPlan(
        edits=edits,
        changed=changed,
        effects=effects,
        in_store=in_store,
        dropped=tuple(sorted(dropped)),
        splits=splits,
    )


def _done_in(store: EventStore, name: str, edits: list[Edit]) -> dict[int, str]:
    """Return the edits that are in the store already, with the digest before."""
    if name not in store.recordings:
        return {}
    known = edits_in(store.recordings.provenance(store.recordings.row(name)))
    return {e.number: e.digest for e in edits if known.get(e.number) == e.digest}


def _check_state(
    where: str, store: EventStore, name: str, edits: list[Edit], done: Mapping[int, str]
) -> None:
    """Refuse edits that were proposed for another state of their recording."""
    is_there = name in store.recordings
    digest = store.recordings.digests[store.recordings.row(name)].hex() if is_there else None
    for edit in edits:
        if not is_there and any(other.kind is Kind.DROP for other in edits):
            continue  # a killed run left it out already
        late = bool(done) and edit.kind in ON_EVENTS and edit.number not in done
        if late or edit.digest != next(iter(done.values()), digest):
            raise stale(where, edit, digest)


def _effect(store: EventStore, name: str, edits: tuple[Edit, ...], *, done: bool) -> Effect:
    row = store.recordings.row(name)
    if not done:
        return effect_on(store, row, edits)
    return Effect(int(store.recordings.row_size[row]), 0, int(store.recordings.t_stop[row]))


def _splits_with(tree: WorkTree, recordings: set[str], relabels: list[Edit]) -> tuple[str, ...]:
    samples = {sample_id(e.recording_id, e.from_us, e.to_us) for e in relabels}
    found = []
    for name in tree.names("splits", ".tsv"):
        path = f"splits/{name}.tsv"
        listed = Table.parse(tree.text(path), path=f"{tree.where}/{path}").column("sample_id")
        if any(s in samples or s.rpartition("#")[0] in recordings for s in listed):
            found.append(name)
    return tuple(found)


def _check_splits(tree: WorkTree, splits: tuple[str, ...], *, drop_splits: bool) -> None:
    if splits and not drop_splits:
        named = ", ".join(repr(name) for name in splits)
        message = f"{len(splits)} frozen splits of {tree.where} list what would change: {named}"
        hint = (
            "--drop-splits takes them out of the work tree (saved versions keep them); "
            "make splits of other names then"
        )
        raise Conflict(message, hint=hint)
