"""``README.md`` of a dataset: the card and the counts, for whoever finds the folder."""

from collections.abc import Mapping, Sequence

from catalog.card import Card
from catalog.card_text import section_facts
from catalog.versions import Version

HOW_TO_OPEN = """\
## Open it

```python
import catalog

version = catalog.open_dataset("PATH").at("{version}")
events = version.store.read(0)
```

The events are plain zarr v3 in `events.zarr`; labels and splits are text. `spikelake dataset verify
PATH` recomputes every digest. This file is generated; edit `dataset.yaml` instead.
"""


def readme_text(card: Card, version: Version, counts: Mapping[str, Mapping[str, int]]) -> str:
    """Return the text of ``README.md``.

    Args:
        card: the dataset's card.
        version: the version about to be saved.
        counts: samples per fold of each split.
    """
    paragraphs: list[str] = [f"# {card.title or card.name}"]
    if card.description:
        paragraphs.append(card.description.strip())
    paragraphs.append(_table(_facts(card, version)))
    if counts:
        rows = [
            (name, ", ".join(f"{n} {fold}" for fold, n in of.items()))
            for name, of in counts.items()
        ]
        paragraphs.append("## Splits\n\n" + _table(rows))
    if card.known_flaws:
        paragraphs.append(
            "## Known flaws\n\n" + "\n".join(f"- {flaw}" for flaw in card.known_flaws)
        )
    paragraphs.append(HOW_TO_OPEN.format(version=version.version))
    return "\n\n".join(paragraphs)


def _facts(card: Card, version: Version) -> list[tuple[str, str]]:
    facts = [
        ("name", card.name),
        ("version", version.version),
        ("digest", f"`{version.digest}`"),
        ("recordings", f"{version.n_recordings:,}"),
        ("events", f"{version.n_events:,}"),
        ("sensor", card.sensor_model),
        ("licence", card.licence),
        ("authors", ", ".join(card.authors)),
        ("citation", card.citation),
        ("DOI", card.doi),
        ("homepage", card.homepage),
        *section_facts(card),
    ]
    return [(name, value) for name, value in facts if value]


def _table(rows: Sequence[tuple[str, str]]) -> str:
    lines = ["| | |", "|---|---|"]
    lines.extend(f"| {_cell(name)} | {_cell(value)} |" for name, value in rows)
    return "\n".join(lines)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")
