"""What a split shows of itself."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from eventstore.notebook.panel import Panel, panel_html
from eventstore.notebook.wording import class_rows, digest_text

if TYPE_CHECKING:
    from catalog.splits.split import Split

MOST_CLASSES = 20

MOST_FOLDS = 8


def split_html(split: "Split") -> str:
    """Return a small page about a split: how it came about, and samples of each fold and class."""
    counts = split.record.counts
    folds = list(counts)[:MOST_FOLDS]

    def rule() -> str:
        options = [
            f"{k} {v}" for k, v in split.record.rule.items() if k not in {"name", "rule"} and v
        ]
        name = split.record.rule.get("name", split.record.rule.get("rule", ""))
        return ", ".join([str(name), *options])

    def rows() -> Iterator[Sequence[object]]:
        yield "all", *(f"{sum(counts[fold].values()):,}" for fold in folds)
        each = [(x, [counts[fold].get(x, 0) for fold in folds]) for x in split.label_names]
        yield from class_rows(each, MOST_CLASSES)

    return panel_html(
        Panel(
            kind="Split",
            title=lambda: split.reference,
            facts=[
                ("samples", lambda: f"{len(split.samples):,}"),
                (
                    "classes",
                    lambda: f"{len(split.label_names):,}, of label set {split.record.label_set}",
                ),
                ("rule", rule),
                ("digest", lambda: digest_text(split.digest)),
                (
                    "withdrawn",
                    lambda: f"{len(split.withdrawn):,} samples" if split.withdrawn else "",
                ),
                ("folds", lambda: f"{len(counts)}" if len(counts) > MOST_FOLDS else ""),
            ],
            columns=("class", *folds),
            rows=rows,
        )
    )
