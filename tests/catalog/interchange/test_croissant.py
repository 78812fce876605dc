"""croissant.json: its structure here, and by mlcroissant where that is installed."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.card import Card
from catalog.card_sections import RightsSection
from catalog.dataset import Dataset
from catalog.interchange.croissant import CONTEXT, croissant_text, licence_url
from catalog.interchange.facts import gather_facts
from eventstore.digest import sha256_file


def described(dataset: Dataset) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((dataset.root / "croissant.json").read_text())
    return content


def test_a_saved_version_carries_it(animals: Dataset) -> None:
    content = described(animals)
    assert content["@type"] == "sc:Dataset"
    assert content["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert (content["name"], content["version"]) == ("animals", "1.0.0")
    assert content["license"] == "https://spdx.org/licenses/CC0-1.0.html"
    assert content["identifier"] == [f"sha256:{animals.version().digest}"]
    assert content["datePublished"] == animals.version().date[:10]
    tree = animals.saved_tree(animals.version("1.0.0"))
    assert "croissant.json" in tree.paths()


def test_every_sum_and_size_is_that_of_the_file(animals: Dataset) -> None:
    files = [x for x in described(animals)["distribution"] if x["@type"] == "cr:FileObject"]
    assert len(files) == 5
    for file in files:
        path = animals.root / file["contentUrl"]
        assert file["sha256"] == sha256_file(path)
        assert file["contentSize"] == f"{path.stat().st_size} B"


def test_names_are_used_once_and_every_reference_leads_somewhere(animals: Dataset) -> None:
    content = described(animals)
    sets = content["recordSet"]
    fields = [field for record_set in sets for field in record_set["field"]]
    nodes = [*content["distribution"], *sets, *fields]
    names = [node["@id"] for node in nodes]
    assert len(set(names)) == len(names)
    for field in fields:
        if "source" in field:
            assert field["source"]["fileObject"]["@id"] in names
            table = animals.root / field["source"]["fileObject"]["@id"]
            columns = table.read_text().splitlines()[0].split("\t")
            assert field["source"]["extract"]["column"] in columns
        if "references" in field:
            assert field["references"]["field"]["@id"] in names
    for record_set in sets:
        if "key" in record_set:
            assert record_set["key"]["@id"] in {field["@id"] for field in record_set["field"]}


def test_the_folds_of_a_split_are_named(animals: Dataset) -> None:
    [folds] = [x for x in described(animals)["recordSet"] if x.get("dataType") == "cr:Split"]
    assert folds["data"] == [
        {"splits/official/folds/name": "test", "splits/official/folds/url": "cr:TestSplit"},
        {"splits/official/folds/name": "train", "splits/official/folds/url": "cr:TrainingSplit"},
    ]


def test_what_the_card_says_is_told_and_nothing_else(animals: Dataset) -> None:
    facts = gather_facts(animals.root, animals.card, animals.version())
    rights = RightsSection(bibtex="@misc{a}", publisher="P", funding=("EU 1",))
    authors = ("Lovelace, Ada <0000-0002-1825-0097>", "Example Lab")
    card = Card(name="x", doi="10.1000/x", authors=authors, rights=rights, sensor_model="ATIS")
    content = json.loads(croissant_text(replace(facts, card=card)))
    assert content["identifier"][0] == "https://doi.org/10.1000/x"
    assert content["citeAs"] == "@misc{a}"
    assert [c["@type"] for c in content["creator"]] == ["sc:Person", "sc:Organization"]
    assert content["creator"][0]["url"] == "https://orcid.org/0000-0002-1825-0097"
    assert content["funder"] == [{"@type": "sc:Organization", "name": "EU 1"}]
    assert "license" not in content
    assert "license" not in json.loads(croissant_text(replace(facts, card=Card(name="x"))))


def test_columns_of_any_name_have_ids_that_url_readers_take(animals: Dataset) -> None:
    for name in ("room number", "room_number", 'taux "%"', "größe"):
        animals.set_column(name, {"test/cat/000": "1"})
    animals.save("1.0.1")
    [recordings] = [x for x in described(animals)["recordSet"] if x["@id"] == "recordings"]
    ids = [field["@id"] for field in recordings["field"]]
    assert ids[-4:] == [
        "recordings/room_number",
        "recordings/room_number_",
        "recordings/taux____",
        "recordings/gr__e",
    ]
    columns = [field["source"]["extract"]["column"] for field in recordings["field"]]
    assert columns[-4:] == ["room number", "room_number", 'taux "%"', "größe"]


def test_a_card_without_a_citation_is_cited_by_its_version(animals: Dataset) -> None:
    facts = gather_facts(animals.root, animals.card, animals.version())
    card = Card(name="x", title="X", authors=("Lovelace, Ada", "Lab"))
    year = facts.entry.date[:4]
    said = json.loads(croissant_text(replace(facts, card=card)))["citeAs"]
    assert said.startswith(f"Ada Lovelace; Lab ({year}). X, version 1.0.0. sha256:")


def test_licences_that_are_no_id_are_told_as_they_are() -> None:
    assert licence_url("LicenseRef-Lab") == "LicenseRef-Lab"
    assert licence_url("MIT OR ISC") == "MIT OR ISC"


def test_the_same_version_gives_the_same_bytes(animals: Dataset) -> None:
    facts = gather_facts(animals.root, animals.card, animals.version())
    assert croissant_text(facts) == (animals.root / "croissant.json").read_text()


def test_the_context_gives_each_word_of_croissant_its_place() -> None:
    spelt = {"cr": "http://mlcommons.org/croissant/", "dct": "http://purl.org/dc/terms/"}
    assert {name: CONTEXT[name] for name in spelt} == spelt
    assert CONTEXT["recordSet"] == "cr:recordSet"


def test_mlcroissant_reads_it(animals: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="mlcroissant is no dependency")
    monkeypatch.chdir(animals.root)
    dataset = mlcroissant.Dataset(os.fspath(Path("croissant.json")))
    assert dataset.metadata.ctx.issues.report() == ""
    assert len(list(dataset.records("splits/official"))) == 15
