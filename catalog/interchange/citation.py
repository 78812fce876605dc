"""``CITATION.cff``: how to cite a version, in the Citation File Format 1.2.0."""

import yaml

from catalog.interchange.facts import VersionFacts
from catalog.interchange.people import ORCID_URL, Author, read_author
from catalog.rights_ids import UNKNOWN, spdx_ids

CITATION = "CITATION.cff"

CFF_VERSION = "1.2.0"

NOBODY = "unknown"
"""The author that the format demands where the card names none."""


def citation_text(facts: VersionFacts) -> str:
    """Return the text of ``CITATION.cff``."""
    card, entry = facts.card, facts.entry
    asked = " ".join(card.citation.split()) if card.citation else "the metadata below."
    said: dict[str, object] = {
        "cff-version": CFF_VERSION,
        "message": f"If you use this dataset, please cite {asked}",
        "type": "dataset",
        "title": card.title or card.name,
        "abstract": card.description.strip(),
        "authors": [_author(read_author(a)) for a in card.authors] or [{"name": NOBODY}],
        "version": entry.version,
        "date-released": entry.date[:10],
        "doi": card.doi,
        "url": card.homepage if card.homepage.startswith(("http://", "https://")) else "",
        **_licence(card.licence, card.rights.licence_url),
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{entry.digest}",
                "description": "digest of recordings, labels and splits of this version",
            }
        ],
        "keywords": ["event camera", "neuromorphic"],
    }
    content = {name: value for name, value in said.items() if value}
    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return text


def _author(author: Author) -> dict[str, str]:
    names = (
        {"family-names": author.family, "given-names": author.given}
        if author.family
        else {"name": author.name}
    )
    return names | ({"orcid": f"{ORCID_URL}{author.orcid}"} if author.orcid else {})


def _licence(licence: str, url: str) -> dict[str, object]:
    """Return the licence; the format knows ids and a choice of them, and no other expression."""
    choice = licence.split(" OR ")
    if licence != UNKNOWN and all(name in spdx_ids() for name in choice):
        return {"license": choice[0] if len(choice) == 1 else choice}
    return {"license-url": url} if "://" in url else {}
