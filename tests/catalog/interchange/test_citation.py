"""CITATION.cff, against the rules of the format that it can break."""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml

from catalog.card import Card
from catalog.card_sections import RightsSection
from catalog.dataset import Dataset
from catalog.interchange.citation import citation_text
from catalog.interchange.facts import VersionFacts, gather_facts

KNOWN = {
    *("cff-version", "message", "type", "title", "abstract", "authors", "version"),
    *("date-released", "doi", "url", "license", "license-url", "identifiers", "keywords"),
}
"""Keys of the schema 1.2.0 that are written here; it refuses others."""


def check_cff(text: str) -> dict[str, Any]:
    """Read a citation, holding it to the schema of CFF 1.2.0."""
    content: dict[str, Any] = yaml.safe_load(text)
    assert set(content) <= KNOWN
    assert {"cff-version", "message", "title", "authors"} <= set(content)
    assert content["cff-version"] == "1.2.0"
    assert content["type"] in {"dataset", "software"}
    assert content["authors"]
    for author in content["authors"]:
        assert ("name" in author) != ("family-names" in author)
        assert set(author) <= {"name", "family-names", "given-names", "orcid"}
        orcid = author.get("orcid", "https://orcid.org/0000-0002-1825-0097")
        assert re.fullmatch(r"https://orcid\.org/(\d{4}-){3}\d{3}[\dX]", orcid)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", content["date-released"])
    assert re.fullmatch(r"10\.\d{4,9}(\.\d+)?/\S+", content.get("doi", "10.1000/x"))
    assert re.match(r"https?://", content.get("url", "https://"))
    for one in content["identifiers"]:
        assert one["type"] in {"doi", "url", "swh", "other"}
    return content


@pytest.fixture
def facts(animals: Dataset) -> VersionFacts:
    return gather_facts(animals.root, animals.card, animals.version())


def test_a_saved_version_carries_it(animals: Dataset) -> None:
    content = check_cff((animals.root / "CITATION.cff").read_text())
    version = animals.version()
    assert (content["title"], content["version"]) == ("Animals", "1.0.0")
    assert content["license"] == "CC0-1.0"
    assert content["identifiers"][0]["value"] == f"sha256:{version.digest}"
    assert content["authors"] == [{"name": "unknown"}]


def test_people_works_and_words(facts: VersionFacts) -> None:
    card = Card(
        name="x",
        citation="Lovelace: On\n events, 1843",
        doi="10.1000/x",
        homepage="see below",
        authors=("Lovelace, Ada <0000-0002-1825-0097>", "Example Lab"),
        licence="MIT OR ISC",
    )
    content = check_cff(citation_text(replace(facts, card=card)))
    assert content["message"].endswith("please cite Lovelace: On events, 1843")
    assert content["license"] == ["MIT", "ISC"]
    assert content["authors"][0]["family-names"] == "Lovelace"
    assert "url" not in content


@pytest.mark.parametrize("licence", ["LicenseRef-Lab", "MIT AND ISC", "unknown"])
def test_licences_that_the_format_has_not(facts: VersionFacts, licence: str) -> None:
    rights = RightsSection(licence_url="https://example.org/l")
    said = check_cff(citation_text(replace(facts, card=Card(name="x", licence=licence))))
    assert "license" not in said
    linked = Card(name="x", licence=licence, rights=rights)
    assert check_cff(citation_text(replace(facts, card=linked)))["license-url"]
