"""Set aside a part of the training data, so that test data never choose anything."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from catalog.splits.rules.hashing import unit_hash
from eventstore.errors import InvalidInput
from eventstore.selection import Selection


class HeldOut(NamedTuple):
    """A selection in two parts.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> kept, aside = held_out(tiny_selection(Path(mkdtemp()) / "events.zarr"), 0.2)
        >>> set(kept.sample_ids()) & set(aside.sample_ids())
        set()
    """

    kept: Selection
    held_out: Selection


def held_out(selection: Selection, fraction: float, *, seed: int = 0) -> HeldOut:
    """Set aside a part of a selection, the same share of every class, to choose epochs on.

    Which samples are held out depends on their ids and the seed alone, so the choice does not
    change when the selection's order does; test data are never needed to choose.

    Args:
        selection: usually ``split.selection("train")``.
        fraction: share of each class to hold out, rounded, in (0, 1).
        seed: gives another choice.

    Raises:
        InvalidInput: the fraction is not between 0 and 1.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=12)
        >>> parts: HeldOut = held_out(selection, 0.25, seed=1)
        >>> len(parts.kept), len(parts.held_out)
        (9, 3)
    """
    if not 0 < fraction < 1:
        message = f"fraction {fraction} is not between 0 and 1"
        raise InvalidInput(message, hint="0.1 holds out a tenth of each class")
    position = np.array([unit_hash(str(seed), name) for name in selection.sample_ids()])
    aside = np.zeros(len(selection), np.bool_)
    for label in np.unique(selection.label):
        rows = np.flatnonzero(selection.label == label)
        ranked = rows[np.argsort(position[rows], kind="stable")]
        aside[ranked[: round(fraction * len(rows))]] = True
    kept_rows: Int64[np.ndarray, " n"] = np.flatnonzero(~aside)
    return HeldOut(selection.take(kept_rows), selection.take(np.flatnonzero(aside)))
