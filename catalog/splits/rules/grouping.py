"""Groups of samples: what may not be torn apart, such as all recordings of one person."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from catalog.splits.rules.protocol import Sample
from eventstore.errors import Conflict, InvalidInput

FILL = "fill the column {column!r}: spikelake dataset set DATASET {column}=VALUE --where …"
"""How recordings get a value in a column of the curator's own."""


def column_of(sample: Sample, column: str) -> str:
    """Return what ``recordings.tsv`` says of a sample's recording under a column.

    Raises:
        InvalidInput: there is no such column; lists those there are.
    """
    if column not in sample.recording:
        known = ", ".join(sample.recording)
        message = f"recordings.tsv has no column {column!r} (known: {known})"
        near = get_close_matches(column, sample.recording, n=1)
        hint = f"did you mean {near[0]!r}?" if near else FILL.format(column=column)
        raise InvalidInput(message, hint=hint)
    return sample.recording[column]


def groups_of(samples: Sequence[Sample], group_by: str) -> dict[str, str]:
    """Return the group of each sample id.

    Raises:
        InvalidInput: there is no such column, or it says nothing of some recordings.

    Examples:
        >>> groups_of([Sample("a#0-9", "x", {"subject": "s1"})], "subject")
        {'a#0-9': 's1'}
    """
    groups = {sample.sample_id: column_of(sample, group_by) for sample in samples}
    without = sorted(sample for sample, group in groups.items() if not group)
    if without:
        message = f"{len(without)} of {len(groups)} samples have no {group_by}: {some(without)}"
        raise InvalidInput(message, hint=FILL.format(column=group_by))
    return groups


def kept_groups(groups: Mapping[str, str], frozen: Mapping[str, str]) -> dict[str, str]:
    """Return the fold that an earlier split gave each group.

    Raises:
        Conflict: it gave the samples of one group several.
    """
    kept: dict[str, str] = {}
    for sample, fold in frozen.items():
        group = groups.get(sample)
        if group is not None and kept.setdefault(group, fold) != fold:
            message = f"group {group!r} lies in the parent's folds {kept[group]!r} and {fold!r}"
            raise Conflict(message, hint="use the group of the parent's rule, or no parent")
    return kept


def some(names: Sequence[str]) -> str:
    """Return the first few of some names, for messages.

    Examples:
        >>> some(["a", "b", "c", "d"])
        'a, b, c …'
    """
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
