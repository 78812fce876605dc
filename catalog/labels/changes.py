"""What differs between two states of a label set, interval by interval, with the reasons known.

Errata made in between say what became of an interval, and why. What they leave is paired by
overlap: the same label elsewhere was moved, another label there was relabelled, both is changed.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.labels.box_table import boxes_table
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch, Span, action_of
from catalog.labels.intervals import Label
from eventstore.selection import sample_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """One interval that is other than before.

    Args:
        recording_id: the recording.
        before: what it was; None where it is new.
        after: what it is; None where it is gone.
        reasons: why, where errata say; oldest first.
        authors: who did it.
    """

    recording_id: str
    before: Span | None
    after: Span | None
    reasons: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """The word for it: added, removed, moved, relabelled, changed, or noted."""
        return "noted" if self.before == self.after else action_of(self.before, self.after)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        spans = {
            f"{end}_{name}": value
            for end, span in (("from", self.before), ("to", self.after))
            for name, value in (span._asdict() if span is not None else {}).items()
        }
        return {
            "action": self.action,
            "recording_id": self.recording_id,
            **spans,
            "reasons": list(self.reasons),
            "authors": list(self.authors),
        }


def label_changes(
    before: Mapping[str, Label], after: Mapping[str, Label], patches: Sequence[Patch] = ()
) -> list[LabelChange]:
    """Return what differs between two states of a set, by recording and time.

    Args:
        before: the first state, by sample id.
        after: the second.
        patches: errata made in between.

    Examples:
        >>> one, two = Label("a", 0, 9, "cat"), Label("a", 0, 7, "cat")
        >>> found = label_changes({one.sample_id: one}, {two.sample_id: two})
        >>> [(change.action, str(change.after)) for change in found]
        [('moved', "0-7 'cat'")]
    """
    old = {(x.recording_id, Span.of(x)) for x in before.values()}
    new = {(x.recording_id, Span.of(x)) for x in after.values()}
    gone, come = old - new, new - old
    changes = []
    for recording, first, last, of in _chains(patches):
        a, b = (recording, first) if first else None, (recording, last) if last else None
        if (a is None or a in gone) and (b is None or b in come) and (a or b):
            gone.discard(a)
            come.discard(b)
            changes.append(_told(recording, first, last, of))
    changes += _paired(gone, come)
    changes += _noted(before, after)
    return sorted(changes, key=_place)


def _told(
    recording: str, before: Span | None, after: Span | None, patches: Iterable[Patch]
) -> LabelChange:
    of = tuple(patches)
    return LabelChange(
        recording_id=recording,
        before=before,
        after=after,
        reasons=tuple(patch.reason for patch in of),
        authors=tuple(dict.fromkeys(patch.author for patch in of)),
    )


def _chains(
    patches: Iterable[Patch],
) -> list[tuple[str, Span | None, Span | None, list[Patch]]]:
    """Join patches of one interval: what it first was, what it last became, and how."""
    open_: dict[str, tuple[Span | None, Span | None, list[Patch]]] = {}
    done: list[tuple[str, Span | None, Span | None, list[Patch]]] = []
    for patch in patches:
        first, of = patch.before, [patch]
        if patch.before is not None:
            key = sample_id(patch.recording_id, *patch.before[:2])
            if key in open_ and open_[key][1] == patch.before:
                first, _, earlier = open_.pop(key)
                of = [*earlier, patch]
        if patch.after is None:
            done.append((patch.recording_id, first, None, of))
        else:
            open_[sample_id(patch.recording_id, *patch.after[:2])] = (first, patch.after, of)
    done += [(of[0].recording_id, first, last, of) for first, last, of in open_.values()]
    return done


def _paired(gone: set[tuple[str, Span]], come: set[tuple[str, Span]]) -> list[LabelChange]:
    """Pair intervals of one recording that overlap, those of one label and longest first."""
    of_recording: dict[str, tuple[list[Span], list[Span]]] = {}
    for at, spans in ((0, gone), (1, come)):
        for recording, span in spans:
            of_recording.setdefault(recording, ([], []))[at].append(span)
    found = []
    for recording, (old, new) in of_recording.items():
        left, right = set(old), set(new)
        for _, a, b in sorted(_candidates(old, new), reverse=True):
            if a in left and b in right:
                left.remove(a)
                right.remove(b)
                found.append(LabelChange(recording_id=recording, before=a, after=b))
        found += [LabelChange(recording_id=recording, before=a, after=None) for a in left]
        found += [LabelChange(recording_id=recording, before=None, after=b) for b in right]
    return found


def _candidates(
    old: Sequence[Span], new: Sequence[Span]
) -> Iterator[tuple[tuple[bool, int], Span, Span]]:
    """Yield pairs that overlap, with how alike they are; few where intervals lie side by side."""
    ordered = sorted(new)
    starts = [span.t_start_us for span in ordered]
    longest = max((b.t_stop_us - b.t_start_us for b in new), default=0)
    for a in old:
        low = bisect_left(starts, a.t_start_us - longest)
        for b in ordered[low : bisect_right(starts, a.t_stop_us)]:
            alike = _alike(a, b)
            if alike[1] > 0:
                yield alike, a, b


def _alike(a: Span, b: Span) -> tuple[bool, int]:
    """Say how alike two intervals are: of one label, and by how many µs they overlap."""
    if a[:2] == b[:2]:
        return a.label == b.label, max(a.t_stop_us - a.t_start_us, 1)
    shared = min(a.t_stop_us, b.t_stop_us) - max(a.t_start_us, b.t_start_us)
    return a.label == b.label, shared


def _noted(before: Mapping[str, Label], after: Mapping[str, Label]) -> list[LabelChange]:
    """Return intervals of which only who, how sure or whence is other than before."""
    return [
        LabelChange(recording_id=x.recording_id, before=Span.of(x), after=Span.of(x))
        for sample, x in after.items()
        if sample in before and before[sample] != x and before[sample].label == x.label
    ]


def _place(change: LabelChange) -> tuple[str, int, int]:
    span = change.after or change.before
    return change.recording_id, *(span[:2] if span is not None else (0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxChange:
    """How many boxes of a recording are other than before.

    Args:
        recording_id: the recording.
        n_removed: boxes that are not there any more.
        n_added: boxes that were not there before.
    """

    recording_id: str
    n_removed: int
    n_added: int


def box_changes(before: Boxes, after: Boxes) -> list[BoxChange]:
    """Return how many boxes of each recording differ; one that changed was removed and added.

    Examples:
        >>> one = Boxes.of(recording_id="a", t=[1, 2], x=1, y=1, w=2, h=2, label="car")
        >>> two = Boxes.of(recording_id="a", t=[1, 3, 4], x=1, y=1, w=2, h=2, label="car")
        >>> [(change.n_removed, change.n_added) for change in box_changes(one, two)]
        [(1, 2)]
    """
    columns = [dict.fromkeys(boxes_table(boxes).columns) for boxes in (before, after)]
    shared = list(columns[0] | columns[1])
    old, new = (Counter(_rows(boxes, shared)) for boxes in (before, after))
    removed = Counter(row[0] for row in (old - new).elements())
    added = Counter(row[0] for row in (new - old).elements())
    return [
        BoxChange(recording_id=name, n_removed=removed[name], n_added=added[name])
        for name in sorted(removed.keys() | added.keys())
    ]


def _rows(boxes: Boxes, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows of a table with these columns, empty where the table has not one of them."""
    table = boxes_table(boxes)
    if table.columns == tuple(columns):
        return list(table.rows)
    empty = [""] * len(table.rows)
    wide = [table.column(c) if c in table.columns else empty for c in columns]
    return list(zip(*wide, strict=True))
