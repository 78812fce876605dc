"""The card of a result as a page for people, ``benchmark.md``."""

from collections.abc import Sequence

from catalog.reference import SHORT_DIGEST
from catalog.tasks.benchmark import BenchmarkCard
from catalog.tasks.spread import Spread

MOST_VALUES = 12
"""Settings of a model that the page shows; more are in the JSON."""


def card_page(card: BenchmarkCard) -> str:
    """Return the page in Markdown."""
    model = str(card.model.get("name", "model"))
    value = Spread(**card.value)  # type: ignore[arg-type]  # written by asdict
    lines = [f"# {model} on {card.task}", "", f"**{card.metric}: {value}**", ""]
    if card.over_rounds is not None:
        rounds = Spread(**card.over_rounds)  # type: ignore[arg-type]
        lines += [f"Over rounds of the cross-validation: {rounds}.", ""]
    lines += _table(("", ""), _facts(card))
    lines += ["", "## Data", ""]
    over = [
        (f"{o['dataset']}@{o['version']}", str(o["split"]), f"`{o['digest']}`") for o in card.over
    ]
    lines += _table(("dataset", "split", "digest of the split"), over)
    lines += ["", "## Runs", ""]
    runs = [(r.round or "–", str(r.seed), f"{r.value(card.metric):.4f}") for r in card.results()]
    lines += _table(("round", "seed", card.metric), runs)
    lines += ["", "Check it: `spikelake benchmark verify benchmark.json --data FOLDER`", ""]
    return "\n".join(lines)


def _facts(card: BenchmarkCard) -> list[tuple[str, str]]:
    digest = card.pipeline_digest
    settings = [(f"model: {k}", f"`{v}`") for k, v in card.model.items() if k != "name"]
    more = len(settings) - MOST_VALUES
    return [
        ("task", f"`{card.task}`"),
        ("digest of the task", f"`{card.task_digest}`"),
        ("classes", str(card.classes)),
        ("transforms", f"`{digest[:SHORT_DIGEST]}`" if digest else "not stated"),
        *settings[:MOST_VALUES],
        *([("model", f"{more} further settings in benchmark.json")] if more > 0 else []),
        *((name, f"`{version}`") for name, version in card.code.items()),
        ("date", card.date),
        ("digest of the card", f"`{card.digest}`"),
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return a table in Markdown; a bar within a value is escaped."""
    cells = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(c.replace("|", r"\|") for c in row) + " |" for row in cells]
