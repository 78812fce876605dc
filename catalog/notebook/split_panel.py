"""What a split shows of itself."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from eventstore.notebook.panel import Panel, panel_html
from eventstore.notebook.wording import digest_text

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
        for name in split.label_names[:MOST_CLASSES]:
            yield name, *(f"{counts[fold].get(name, 0):,}" for fold in folds)
        if len(split.label_names) > MOST_CLASSES:
            more = split.label_names[MOST_CLASSES:]
            sums = (sum(counts[fold].get(name, 0) for name in more) for fold in folds)
            yield f"… {len(more)} more", *(f"{n:,}" for n in sums)

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
