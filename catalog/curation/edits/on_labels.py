"""What applied edits do to labels and boxes: corrected with errata, clipped to what is left.

    relabelled intervals     as an erratum each, with the edit's number and reason
    intervals of a           clipped to what was kept, removed where nothing is left of them,
    changed recording        with an erratum each
    boxes of a trimmed one   those outside go

An erratum says which edit it is of, so that work that was killed is taken up and nothing is
corrected twice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from catalog.curation.edits.edit import Edit, Kind
from catalog.curation.edits.effects import FOREVER, Window
from catalog.labels.boxes import Boxes
from catalog.labels.errata import Patch, Span, apply_patches
from catalog.labels.intervals import Label
from catalog.labels.kinds import unapplied
from eventstore.errors import Conflict
from eventstore.selection import sample_id

_MARK = re.compile(r"edits? ([0-9, ]+): ")


class Left(NamedTuple):
    """What is left of a recording that edits changed."""

    edits: tuple[Edit, ...]
    t_stop: int
    """Its end now."""

    @property
    def window(self) -> Window:
        """What labels of it may cover."""
        kept = Window.of(self.edits)
        return Window(kept.start, min(kept.stop, self.t_stop))


class Corrected(NamedTuple):
    """A label set after edits."""

    labels: dict[str, Label]
    patches: tuple[Patch, ...]
    """Patches that are new, in order."""


def correct_labels(
    label_set: str,
    labels: Mapping[str, Label],
    errata: Sequence[Patch],
    *,
    relabels: Sequence[Edit],
    left: Mapping[str, Left],
) -> Corrected:
    """Return a set of labels after edits, with the patches that are not recorded yet.

    Args:
        label_set: its name.
        labels: the set as it stands.
        errata: patches recorded so far.
        relabels: edits of labels, in order; those of other sets are left alone.
        left: what is left of each recording that edits changed.

    Raises:
        Conflict: an interval is not what its edit was proposed for, or two of different labels
            would become one.

    Examples:
        >>> trim = Edit(
        ...     kind=Kind.TRIM,
        ...     recording_id="a",
        ...     digest="",
        ...     reason="bump",
        ...     parameters={"from_us": 20, "to_us": 90},
        ...     number=1,
        ... )
        >>> label = Label("a", 0, 100, "cat")
        >>> done = correct_labels(
        ...     "class", {label.sample_id: label}, [], relabels=[], left={"a": Left((trim,), 80)}
        ... )
        >>> list(done.labels), done.patches[0].reason
        (['a#20-80'], 'edit 1: clipped to what was kept: bump')
    """
    numbers = {edit.number for edit in relabels} | {
        edit.number for one in left.values() for edit in one.edits
    }
    recorded = [patch for patch in errata if numbers & _numbers(patch)]
    current = dict(labels)
    if unapplied(current, recorded):  # a kill left the errata written and the labels not
        current = apply_patches(current, recorded)
    told = {number for patch in recorded for number in _numbers(patch)}
    patches: list[Patch] = []
    for edit in relabels:
        if edit.label_set == label_set and edit.number not in told:
            patch = _relabelled(edit)
            current = _applied(current, patch, edit)
            patches.append(patch)
    for patch in _clips(current, left):
        current = apply_patches(current, [patch])
        patches.append(patch)
    return Corrected(current, tuple(patches))


def _numbers(patch: Patch) -> set[int]:
    """Return the numbers of the edits that a patch is of."""
    mark = _MARK.match(patch.reason)
    return {int(number) for number in mark[1].split(",")} if mark else set()


def _relabelled(edit: Edit) -> Patch:
    was, label = str(edit.parameters["was"]), str(edit.parameters["label"])
    return Patch(
        recording_id=edit.recording_id,
        before=Span(edit.from_us, edit.to_us, was),
        after=Span(edit.from_us, edit.to_us, label),
        reason=f"edit {edit.number}: {edit.reason}",
    )


def _applied(labels: dict[str, Label], patch: Patch, edit: Edit) -> dict[str, Label]:
    try:
        return apply_patches(labels, [patch])
    except Conflict as error:
        message = f"edit {edit.number} does not fit any more: {error.message}"
        hint = f"spikelake edit review DATASET {edit.number} --reject; propose it anew"
        raise Conflict(message, hint=hint) from error


def _clips(labels: Mapping[str, Label], left: Mapping[str, Left]) -> Iterator[Patch]:
    """Yield the patches that clip intervals to what is left; one that would be there twice goes.

    What is left alone lies within and so is never in the way of what moves.
    """
    there = {sample: label.label for sample, label in labels.items()}
    for label in labels.values():
        one = left.get(label.recording_id)
        after = Span.of(label) if one is None else _clipped(label, one.window)
        if one is None or after == Span.of(label):
            continue
        if after is not None:
            sample = sample_id(label.recording_id, *after[:2])
            if there.get(sample, label.label) != label.label:
                message = (
                    f"{label.sample_id} {label.label!r} would become {sample}, which is "
                    f"{there[sample]!r}"
                )
                raise Conflict(message, hint="correct one of them first: spikelake label edit")
            after = None if sample in there else after
            there[sample] = label.label
        yield Patch(
            recording_id=label.recording_id,
            before=Span.of(label),
            after=after,
            reason=_clip_reason(one.edits),
        )


def _clipped(label: Label, window: Window) -> Span | None:
    start, stop = max(label.t_start_us, window.start), min(label.t_stop_us, window.stop)
    empty = label.t_start_us == label.t_stop_us
    inside = start < stop or (empty and start == stop)
    return Span(start, stop, label.label) if inside else None


def _clip_reason(edits: Sequence[Edit]) -> str:
    numbers = ", ".join(str(edit.number) for edit in edits)
    word = "edit" if len(edits) == 1 else "edits"
    why = "; ".join(dict.fromkeys(edit.reason for edit in edits))
    return f"{word} {numbers}: clipped to what was kept: {why}"


def trimmed_boxes(boxes: Boxes, left: Mapping[str, Left]) -> Boxes:
    """Return boxes without those outside of what trims kept.

    Examples:
        >>> boxes = Boxes.of(recording_id="a", t=[2, 9], x=1, y=1, w=3, h=2, label="car")
        >>> len(trimmed_boxes(boxes, {}))
        2
    """
    n = len(boxes.recording_ids)
    start, stop = np.zeros(n, np.int64), np.full(n, FOREVER)
    for at, name in enumerate(boxes.recording_ids):
        if name in left and any(edit.kind is Kind.TRIM for edit in left[name].edits):
            start[at], stop[at] = left[name].window
    of = boxes.recording
    kept = (boxes.t >= start[of]) & (boxes.t < stop[of])
    return boxes if kept.all() else boxes.take(np.flatnonzero(kept))
