"""What differs between two configurations: field by field, arrays of numbers summed up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

ABSENT = "absent"
"""Stands for a field that one of two configurations lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs.

    Args:
        path: the field, such as ``cnn_layers[3].threshold_high``.
        before: its value in the first configuration, or for arrays their shape.
        after: its value in the second.
        n_changed: numbers of an array that differ; 0 where the field is no array.
        n_all: numbers of the array.
        largest: largest change of a number of the array, with its sign.
        largest_at: where in the array that is.
    """

    path: str
    before: str
    after: str
    n_changed: int = 0
    n_all: int = 0
    largest: int | float = 0
    largest_at: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    @property
    def text(self) -> str:
        """The difference in one line, without its path.

        Examples:
            >>> Difference(path="a", before="1", after="2").text
            '1 → 2'
        """
        if not self.n_changed:
            return f"{self.before} → {self.after}"
        share = f"{self.n_changed:,} of {self.n_all:,} differ"
        return f"{share}, most by {self.largest:+} at {self.largest_at}"


def diff_configs(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Difference]:
    """Return every field that differs between two configurations, in the order of the fields.

    Arrays of one shape count as one field: how many of their numbers differ, and the largest
    change. Works on any configuration of plain JSON, whatever the chip.

    Args:
        a: the first.
        b: the second.

    Examples:
        >>> a = {"threshold_high": 127, "weights": [[1, 2], [3, 4]]}
        >>> b = {"threshold_high": 100, "weights": [[1, 2], [9, 4]]}
        >>> [(d.path, d.text) for d in diff_configs(a, b)]
        [('threshold_high', '127 → 100'), ('weights', '1 of 4 differ, most by +6 at [1][0]')]
    """
    return list(_differences(dict(a), dict(b), ""))


def _differences(a: object, b: object, path: str) -> Iterator[Difference]:
    if isinstance(a, dict) and isinstance(b, dict):
        yield from _of_groups(a, b, path)
        return
    if isinstance(a, list) and isinstance(b, list):
        yield from _of_lists(a, b, path)
        return
    if type(a) is not type(b) or a != b:  # true is not 1
        yield Difference(path=path, before=_text(a), after=_text(b))


def _of_groups(a: dict[str, Any], b: dict[str, Any], path: str) -> Iterator[Difference]:
    for name in [*a, *(name for name in b if name not in a)]:
        inner = f"{path}.{name}" if path else name
        if name not in b:
            yield Difference(path=inner, before=_text(a[name]), after=ABSENT)
        elif name not in a:
            yield Difference(path=inner, before=ABSENT, after=_text(b[name]))
        else:
            yield from _differences(a[name], b[name], inner)


def _of_lists(a: list[Any], b: list[Any], path: str) -> Iterator[Difference]:
    before, after = _numbers(a), _numbers(b)
    if before is not None and after is not None:
        if before.dtype != after.dtype or not np.array_equal(before, after):
            yield _of_arrays(before, after, path)
        return
    for at in range(max(len(a), len(b))):
        inner = f"{path}[{at}]"
        if at >= len(b):
            yield Difference(path=inner, before=_text(a[at]), after=ABSENT)
        elif at >= len(a):
            yield Difference(path=inner, before=ABSENT, after=_text(b[at]))
        else:
            yield from _differences(a[at], b[at], inner)


def _of_arrays(before: np.ndarray, after: np.ndarray, path: str) -> Difference:
    if before.shape != after.shape or before.dtype != after.dtype:
        return Difference(path=path, before=_array_text(before), after=_array_text(after))
    change = np.subtract(after, before, dtype=np.int8 if before.dtype == bool else None)
    at = np.unravel_index(np.abs(change).argmax(), change.shape)
    return Difference(
        path=path,
        before=_array_text(before),
        after=_array_text(after),
        n_changed=int(np.count_nonzero(change)),
        n_all=change.size,
        largest=change[at].item(),
        largest_at="".join(f"[{index}]" for index in at),
    )


def _numbers(value: list[Any]) -> np.ndarray | None:
    """Return a nested list of numbers as an array; None where it is anything else."""
    try:
        array = np.array(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.size and array.dtype.kind in "bif" else None


def _array_text(array: np.ndarray) -> str:
    if array.size == 1:
        return json.dumps(array.item())
    what = {"b": "flags", "i": "integers"}.get(array.dtype.kind, "numbers")
    return f"{'×'.join(map(str, array.shape))} {what}"


def _text(value: object) -> str:
    if isinstance(value, list):
        array = _numbers(value)
        return f"{len(value)} entries" if array is None else _array_text(array)
    if isinstance(value, dict):
        return "{" + ", ".join(value) + "}"
    return value if isinstance(value, str) else json.dumps(value)
