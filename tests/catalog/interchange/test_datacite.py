"""datacite.json: all that DataCite demands, and nothing made up."""

import json
from typing import Any

from catalog.card import Card
from catalog.card_sections import RightsSection
from catalog.dataset import Dataset
from catalog.interchange.datacite import datacite_text

MANDATORY = {"titles", "creators", "publisher", "publicationYear", "types", "schemaVersion"}


def said(card: Card, dataset: Dataset) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(datacite_text(card, dataset.version(), 12))
    assert set(content) >= MANDATORY
    return content


def test_a_bare_card_leaves_out_what_it_does_not_know(animals: Dataset) -> None:
    content = said(Card(name="x"), animals)
    assert content["creators"] == [{"name": ":unav"}]
    assert content["publisher"] == {"name": ":unav"}
    assert not {"rightsList", "doi", "fundingReferences", "relatedIdentifiers"} & set(content)
    assert content["sizes"] == ["12 bytes", "15 recordings", "750 events"]


def test_a_full_card_is_told_in_full(animals: Dataset) -> None:
    card = Card(
        name="x",
        title="X",
        description="walks",
        licence="CC-BY-4.0",
        doi="10.1000/x",
        homepage="https://example.org",
        authors=("Lovelace, Ada <0000-0002-1825-0097>", "Lab"),
        known_flaws=("dark",),
        rights=RightsSection(publisher="P", funding=("EU 1",)),
    )
    content = said(card, animals)
    assert content["doi"] == "10.1000/x"
    assert content["creators"][0]["nameIdentifiers"][0]["nameIdentifierScheme"] == "ORCID"
    assert content["creators"][1] == {"name": "Lab", "nameType": "Organizational"}
    assert content["rightsList"][0]["rightsUri"].endswith("CC-BY-4.0.html")
    assert [d["descriptionType"] for d in content["descriptions"]] == ["Abstract", "Other"]
    assert content["publicationYear"] == animals.version().date[:4]


def test_an_own_licence_has_no_link_of_spdx(animals: Dataset) -> None:
    content = said(Card(name="x", licence="LicenseRef-Lab"), animals)
    assert "rightsUri" not in content["rightsList"][0]
