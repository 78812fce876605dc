"""The recordings of a version that an expression is true of."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from catalog.query.columns import BIAS_PREFIX, LABEL_PREFIX, RecordingColumns
from catalog.query.evaluate import evaluate
from catalog.query.parser import column_names, parse_expression
from catalog.statistics.table import MEASURES
from catalog.tsv import Table

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion

ALWAYS = "recording_id"
"""The column that every answer begins with."""

SHOWN = (ALWAYS, "n_events", "duration_s", "rate_mev_s", "on_fraction", "fold")
"""Columns of an answer where the question names none."""


TEXTS = frozenset({ALWAYS, "digest", "side_digest", "source", "source_sha256", "fold"})
"""Columns of texts, even if these happen to be digits."""

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?")


class Found(NamedTuple):
    """What a search found.

    Args:
        table: the recordings, with the columns asked for.
        n_recordings: recordings that were searched.
        n_unknown: recordings of which it cannot be told, as a value is missing.
        n_unmeasured: recordings that have no statistics, where the search needs any.
        numeric: which columns of the table are numbers.
    """

    table: Table
    n_recordings: int
    n_unknown: int
    n_unmeasured: int
    numeric: frozenset[str]


def search_recordings(
    version: "DatasetVersion", where: str = "", columns: Sequence[str] = ()
) -> Found:
    """Find the recordings that an expression is true of.

    Args:
        version: the version to search.
        where: the expression; all recordings where empty.
        columns: columns of the answer behind the id; those of the expression where there are none.

    Raises:
        InvalidInput: the expression cannot be read, or compares text with numbers.
        NotFound: there is no such column; names the nearest.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> found = search_recordings(ds.draft(), "labels.class == 'left' and fold == 'test'")
        >>> found.table.column("recording_id")
        ['Test/left/0']
    """
    source = RecordingColumns(version)
    expression = parse_expression(where) if where.strip() else None
    asked = column_names(expression) if expression is not None else []
    names = list(dict.fromkeys([ALWAYS, *(columns or asked or SHOWN)]))
    cells = {name: source.texts(name) for name in dict.fromkeys([*asked, *names])}
    rows, n_unknown = list(range(len(source))), 0
    if expression is not None:
        truth = evaluate(expression, source, text=where)
        rows = truth.true.nonzero()[0].tolist()
        n_unknown = int((~truth.known).sum())
    chosen = [tuple(cells[name][row] for name in names) for row in rows]
    needs = not set(MEASURES).isdisjoint(cells) or "peak_rate_mev_s" in cells
    return Found(
        table=Table(tuple(names), tuple(chosen)),
        n_recordings=len(source),
        n_unknown=n_unknown,
        n_unmeasured=source.n_unmeasured if needs else 0,
        numeric=frozenset(name for name in names if _is_numeric(name, cells[name])),
    )


def _is_numeric(name: str, cells: Sequence[str]) -> bool:
    """Say whether a column's texts are numbers, which lose nothing if they are taken as such."""
    if name in TEXTS or name.startswith((BIAS_PREFIX, LABEL_PREFIX)):
        return False
    return any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
