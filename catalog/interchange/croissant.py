"""``croissant.json``: a version for dataset searches and loaders that speak Croissant 1.0.

Tables of text are described to the column, with their sums. Of the event store, which no such
loader reads, the root metadata stands for the rest: it holds the digest of all events, as
``recordings.tsv`` holds that of each recording.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from catalog.interchange.facts import Kind, TableFacts, VersionFacts
from catalog.interchange.people import ORCID_URL, read_author
from catalog.rights_ids import UNKNOWN, spdx_ids
from catalog.text_files import json_text
from catalog.tree import STORE
from eventstore.store import ROOT_KEY

CROISSANT = "croissant.json"

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"

CONTEXT: Mapping[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""As the specification gives it."""

DATA_TYPES: Mapping[Kind, str] = {
    "text": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
}

SPLIT_KINDS: Mapping[str, str] = {
    "train": "cr:TrainingSplit",
    "validation": "cr:ValidationSplit",
    "test": "cr:TestSplit",
}

KEY_COLUMNS = ("sample_id", "recording_id")
"""The first of these that a table has is its key, but where it has more rows for each."""

RECORDINGS = "recordings"


def croissant_text(facts: VersionFacts) -> str:
    """Return the text of ``croissant.json``."""
    tables = facts.tables
    record_sets = [record_set for table in tables for record_set in _record_sets(table)]
    content: dict[str, object] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        **_metadata(facts),
        "distribution": [*(_file(table) for table in tables), _store_root(facts), _store()],
        "recordSet": record_sets,
    }
    return json_text(content)


def _metadata(facts: VersionFacts) -> dict[str, object]:
    card, entry = facts.card, facts.entry
    said: dict[str, object] = {
        "name": card.name,
        "alternateName": card.title,
        "description": card.description or card.title or card.name,
        "version": entry.version,
        "datePublished": entry.date[:10],
        "isLiveDataset": False,
        "license": licence_url(card.licence) or card.rights.licence_url,
        "url": card.homepage,
        "citeAs": card.rights.bibtex or card.citation or _citation(facts),
        "identifier": _identifiers(facts),
        "creator": [_creator(author) for author in card.authors],
        "publisher": {"@type": "sc:Organization", "name": card.rights.publisher}
        if card.rights.publisher
        else "",
        "funder": [{"@type": "sc:Organization", "name": name} for name in card.rights.funding],
        "keywords": ["event camera", "neuromorphic", *filter(None, [card.sensor_model])],
    }
    return {name: value for name, value in said.items() if value not in ("", [], None)}


def _citation(facts: VersionFacts) -> str:
    """Return how to cite a version whose card does not say."""
    card, entry = facts.card, facts.entry
    authors = "; ".join(read_author(text).name for text in card.authors)
    title = f"{card.title or card.name}, version {entry.version}"
    said = (f"{authors} ({entry.date[:4]})" if authors else "", title, f"sha256:{entry.digest}")
    return ". ".join(part for part in said if part)


def licence_url(licence: str) -> str:
    """Return where SPDX has a licence's text; an expression or an own licence as it is.

    Examples:
        >>> licence_url("CC0-1.0"), licence_url("unknown")
        ('https://spdx.org/licenses/CC0-1.0.html', '')
    """
    if licence == UNKNOWN:
        return ""
    return f"https://spdx.org/licenses/{licence}.html" if licence in spdx_ids() else licence


def _identifiers(facts: VersionFacts) -> list[str]:
    doi = [f"https://doi.org/{facts.card.doi}"] if facts.card.doi else []
    return [*doi, f"sha256:{facts.entry.digest}"]


def _creator(text: str) -> dict[str, object]:
    author = read_author(text)
    if not author.family:
        return {"@type": "sc:Organization", "name": author.name}
    said: dict[str, object] = {
        "@type": "sc:Person",
        "name": author.name,
        "givenName": author.given,
        "familyName": author.family,
    }
    return said | ({"url": f"{ORCID_URL}{author.orcid}"} if author.orcid else {})


def _file(table: TableFacts) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": table.path,
        "name": table.path,
        "contentUrl": table.path,
        "contentSize": f"{table.size} B",
        "encodingFormat": "text/tab-separated-values",
        "sha256": table.sha256,
    }


def _store_root(facts: VersionFacts) -> dict[str, object]:
    path = f"{STORE}/{ROOT_KEY}"
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "description": "root metadata of the event store, with the digest of all events",
        "contentUrl": path,
        "contentSize": f"{facts.store_size} B",
        "encodingFormat": "application/json",
        "sha256": facts.store_sha256,
    }


def _store() -> dict[str, object]:
    return {
        "@type": "cr:FileSet",
        "@id": STORE,
        "name": STORE,
        "description": "events of all recordings end to end, a zarr v3 hierarchy",
        "encodingFormat": "application/vnd.zarr",
        "includes": f"{STORE}/**",
    }


def _record_sets(table: TableFacts) -> list[dict[str, object]]:
    name = PurePosixPath(table.path).with_suffix("").as_posix()
    key = next((column for column in KEY_COLUMNS if column in table.columns), "")
    is_unique = name in {RECORDINGS, "statistics"} or key == "sample_id"
    ids = field_ids(name, table.columns)
    described: dict[str, object] = {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [_field(name, ids[column], table, column) for column in table.columns],
    }
    if key and is_unique:
        described["key"] = {"@id": ids[key]}
    return [described, *([_folds(name, table)] if table.folds else [])]


def field_ids(record_set: str, columns: Iterable[str]) -> dict[str, str]:
    """Return the id of the field of each column; ids take no blanks, nor other signs of URLs.

    Examples:
        >>> list(field_ids("recordings", ["lux", "room nr", "room_nr"]).values())
        ['recordings/lux', 'recordings/room_nr', 'recordings/room_nr_']
    """
    ids: dict[str, str] = {}
    for column in columns:
        made = f"{record_set}/{re.sub(r'[^A-Za-z0-9_.-]', '_', column)}"
        while made in ids.values():
            made += "_"
        ids[column] = made
    return ids


def _field(name: str, id_: str, table: TableFacts, column: str) -> dict[str, object]:
    field: dict[str, object] = {
        "@type": "cr:Field",
        "@id": id_,
        "name": id_,
        "dataType": DATA_TYPES[table.columns[column]],
        "source": {"fileObject": {"@id": table.path}, "extract": {"column": column}},
    }
    if column == "recording_id" and name != RECORDINGS:
        field["references"] = {"field": {"@id": f"{RECORDINGS}/recording_id"}}
    if column == "fold" and table.folds:
        field["references"] = {"field": {"@id": f"{name}/folds/name"}}
    return field


def _folds(split: str, table: TableFacts) -> dict[str, object]:
    """Describe the folds of a split as the enumeration that Croissant wants."""
    name = f"{split}/folds"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "dataType": "cr:Split",
        "key": {"@id": f"{name}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{what}", "name": f"{name}/{what}", "dataType": of}
            for what, of in (("name", "sc:Text"), ("url", "sc:URL"))
        ],
        "data": [
            {f"{name}/name": fold, f"{name}/url": SPLIT_KINDS.get(fold, "cr:Split")}
            for fold in table.folds
        ],
    }
