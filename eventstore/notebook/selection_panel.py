"""What a selection of samples shows of itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from eventstore.notebook.panel import Panel, panel_html
from eventstore.notebook.wording import class_rows, duration_text

if TYPE_CHECKING:
    from eventstore.selection import Selection

MOST_CLASSES = 12


def selection_html(selection: "Selection") -> str:
    """Return a small page about a selection."""

    def lengths() -> str:
        if not len(selection):
            return ""
        low, median, high = np.quantile(selection.t_stop - selection.t_start, (0, 0.5, 1))
        return f"{duration_text(low)} … {duration_text(high)}, median {duration_text(median)}"

    def classes() -> Iterator[tuple[str, ...]]:
        counts = np.bincount(selection.label, minlength=len(selection.label_names)).tolist()
        pairs = zip(selection.label_names, counts, strict=True)
        return class_rows([(name, [n]) for name, n in pairs], MOST_CLASSES)

    return panel_html(
        Panel(
            kind="Selection",
            title=lambda: selection.reference,
            facts=[
                ("samples", lambda: f"{len(selection):,}"),
                ("classes", lambda: f"{len(selection.label_names):,}"),
                ("recordings", lambda: f"{len(np.unique(selection.recording)):,}"),
                ("sample length", lengths),
            ],
            columns=("class", "samples"),
            rows=classes,
        )
    )
