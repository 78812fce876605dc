"""The page of the documentation that lists every public dataset; generated, so that it is true."""

from collections.abc import Mapping

from catalog.public.entry import PublicDataset, entry_names, load_entry

HEAD = """\
# Public datasets

The registry has {n} of them. This page is written by
`python -m catalog.public > docs/reference/public-datasets.md`
from the files in `catalog/public/entries`, which hold facts only: what nobody stated is "unknown".
The licence is what its publisher states; read it there. How to add one, and how to write an entry
of your own: [Add a public dataset](../how-to/add-a-public-dataset.md).

`open` is fetched by a program, `manual` by hand: `spikelake public show NAME` says what and where.
"""

COLUMNS = ("name", "dataset", "sense", "classes", "licence", "access", "files", "official splits")


def page_text() -> str:
    """Return the page."""
    entries = [load_entry(name) for name in entry_names()]
    paragraphs = [HEAD.format(n=len(entries)), table_text(entries)]
    for entry in entries:
        if entry.known_flaws:
            flaws = "".join(f"- {flaw}\n" for flaw in entry.known_flaws)
            paragraphs.append(f"## {entry.name}\n\nKnown flaws of {entry.title}:\n\n{flaws}")
    return "\n".join(paragraphs)


def table_text(entries: list[PublicDataset]) -> str:
    """Return the table of entries, in Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(map(_cell, _row(entry)))} |" for entry in entries]
    return "".join(f"{line}\n" for line in lines)


def _row(entry: PublicDataset) -> list[str]:
    title = f"[{entry.title}]({entry.homepage})" if entry.homepage else entry.title
    return [
        f"`{entry.name}`",
        title,
        entry.modality,
        str(len(entry.classes) or ""),
        entry.licence,
        entry.access,
        str(len(entry.files)),
        "; ".join(_split(name, counts) for name, counts in entry.official.items()) or "none",
    ]


def _split(name: str, counts: Mapping[str, int]) -> str:
    said = ", ".join(f"{n:,} {fold}" for fold, n in counts.items()) or "counts unknown"
    return said if name == "official" else f"{name}: {said}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
