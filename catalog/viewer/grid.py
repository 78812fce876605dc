"""A page of the recordings of a state: those that are asked for, in the order asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from catalog.query.columns import LABEL_PREFIX
from catalog.query.evaluate import column_values, evaluate
from catalog.query.parser import parse_expression
from catalog.viewer.shown import ShownState

PER_PAGE = 48
"""Recordings on a page."""

MAX_PER_PAGE = 500

MAX_PAGE = 1_000_000

FIRST_COLUMNS = (
    "fold",
    "n_events",
    "duration_s",
    "rate_mev_s",
    "peak_rate_mev_s",
    "on_fraction",
    "hot_pixels",
    "silent_share",
    "longest_gap_us",
)
"""Columns that the grid shows, behind the labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridQuery:
    """What of a dataset is asked for.

    Args:
        where: expression that is true of the recordings; all where empty.
        name: part of their names; any where empty.
        sort: column to sort by, descending with a ``-`` before it; as ingested where empty.
        page: which page, from 1.
        per_page: recordings on a page.
    """

    where: str = ""
    name: str = ""
    sort: str = ""
    page: int = 1
    per_page: int = PER_PAGE


def grid_page(state: ShownState, query: GridQuery) -> dict[str, object]:
    """Return a page of recordings, as plain values.

    Raises:
        InvalidInput: the expression cannot be read.
        NotFound: there is no such column; names the nearest.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> state = Shown(tiny_dataset()).state()
        >>> page = grid_page(state, GridQuery(where="labels.class == 'left'", sort="-n_events"))
        >>> page["n_matched"], len(page["rows"])
        (3, 3)
    """
    rows, n_unknown = _matched(state, query)
    rows = _sorted(state, rows, query.sort)
    first = (query.page - 1) * query.per_page
    shown = rows[first : first + query.per_page].tolist()
    names = _columns(state)
    cells = {name: state.texts(name) for name in names}
    return {
        "reference": str(state.version.reference),
        "title": state.version.card.title or state.version.name,
        "n_recordings": len(state.ids),
        "n_matched": len(rows),
        "n_unknown": n_unknown,
        "n_unmeasured": state.columns.n_unmeasured,
        "page": query.page,
        "n_pages": max(-(-len(rows) // query.per_page), 1),
        "columns": names,
        "known_columns": state.columns.names,
        "rows": [
            {"recording_id": state.ids[row], "cells": [cells[name][row] for name in names]}
            for row in shown
        ],
    }


class Neighbours(NamedTuple):
    """Which recordings come before and after one, and where it is among how many.

    Args:
        before: the one before; empty at the begin.
        after: the one after; empty at the end.
        place: which it is, from 1.
        n: of how many.
    """

    before: str
    after: str
    place: int
    n: int


def neighbours(state: ShownState, recording: str, query: GridQuery | None = None) -> Neighbours:
    """Return which recordings come before and after one, in the order that a grid shows.

    Of a recording that is not among those asked for, such as one whose label was corrected a
    moment ago, the neighbours are those as ingested.

    Args:
        state: the dataset.
        recording: the recording.
        query: what the grid was asked for; all, as ingested, where None.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> from catalog.viewer.shown import Shown
        >>> state = Shown(tiny_dataset()).state()
        >>> neighbours(state, "Test/left/0")
        Neighbours(before='', after='Test/right/0', place=1, n=6)
        >>> neighbours(state, "Test/left/0", GridQuery(name="left")).after
        'Train/left/0'
    """
    row, rows = state.row_of[recording], np.arange(len(state.ids))
    if query is not None:
        asked = _sorted(state, _matched(state, query)[0], query.sort)
        rows = asked if row in asked else rows
    place = int(np.flatnonzero(rows == row)[0])
    before = state.ids[rows[place - 1]] if place else ""
    after = state.ids[rows[place + 1]] if place + 1 < len(rows) else ""
    return Neighbours(before, after, place + 1, len(rows))


def _columns(state: ShownState) -> list[str]:
    """Return the columns that are shown: those in which anything stands."""
    return state.once("shown columns", lambda: [x for x in _known(state) if any(state.texts(x))])


def _known(state: ShownState) -> list[str]:
    names = state.columns.names
    labels = [name for name in names if name.startswith(LABEL_PREFIX)]
    return labels + [name for name in FIRST_COLUMNS if name in names]


def _matched(state: ShownState, query: GridQuery) -> tuple[Int64[np.ndarray, " n"], int]:
    """Return the rows asked for, and of how many it cannot be told."""
    wanted, n_unknown = np.ones(len(state.ids), np.bool_), 0
    if query.where.strip():
        truth = evaluate(parse_expression(query.where), state.columns, text=query.where)
        wanted, n_unknown = truth.true, int((~truth.known).sum())
    if query.name:
        part = query.name.casefold()
        wanted = wanted & np.array([part in name.casefold() for name in state.ids], np.bool_)
    return np.flatnonzero(wanted), n_unknown


def _sorted(state: ShownState, rows: Int64[np.ndarray, " n"], sort: str) -> Int64[np.ndarray, " n"]:
    """Return rows in order of a column; those without a value stand last, whichever way."""
    if not sort:
        return rows
    name, down = sort.removeprefix("-"), sort.startswith("-")
    values = column_values(name, _texts(state, name))
    if values.numbers is not None:
        keys = values.numbers[rows]
    else:
        keys = np.unique(np.array(_texts(state, name), str), return_inverse=True)[1][rows]
    known = values.known[rows]
    order = np.argsort(-keys[known] if down else keys[known], kind="stable")
    return np.concatenate((rows[known][order], rows[~known]))


def _texts(state: ShownState, name: str) -> Sequence[str]:
    return state.ids if name == "recording_id" else state.texts(name)
