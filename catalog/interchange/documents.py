"""The documents for others that every saved version carries."""

from collections.abc import Iterator
from pathlib import Path

from catalog.card import Card
from catalog.interchange.citation import CITATION, citation_text
from catalog.interchange.croissant import CROISSANT, croissant_text
from catalog.interchange.facts import gather_facts
from catalog.versions import Version


def interchange_texts(root: Path, card: Card, entry: Version) -> Iterator[tuple[str, str]]:
    """Yield path and text of each document for a version about to be saved.

    The same version gives the same bytes.

    Args:
        root: the dataset's folder.
        card: its card.
        entry: the version.
    """
    facts = gather_facts(root, card, entry)
    yield CROISSANT, croissant_text(facts)
    yield CITATION, citation_text(facts)
