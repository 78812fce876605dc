"""``datacite.json``: what an archive asks for before it gives out a DOI, after DataCite 4.6."""

from catalog.card import Card
from catalog.interchange.croissant import licence_url
from catalog.interchange.people import ORCID_URL, read_author
from catalog.rights_ids import UNKNOWN
from catalog.text_files import json_text
from catalog.versions import Version

DATACITE = "datacite.json"

SCHEMA = "http://datacite.org/schema/kernel-4"

NOT_STATED = ":unav"
"""DataCite's word for a value that is unavailable, possibly unknown."""


def datacite_text(card: Card, entry: Version, n_bytes: int) -> str:
    """Return the metadata of a version, as JSON in DataCite's names.

    Args:
        card: the dataset's card.
        entry: the version.
        n_bytes: size of its files.
    """
    said: dict[str, object] = {
        "schemaVersion": SCHEMA,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Event recordings"},
        "doi": card.doi,
        "titles": [{"title": card.title or card.name}],
        "creators": [_creator(text) for text in card.authors] or [{"name": NOT_STATED}],
        "publisher": {"name": card.rights.publisher or NOT_STATED},
        "publicationYear": entry.date[:4],
        "dates": [{"date": entry.date[:10], "dateType": "Created"}],
        "version": entry.version,
        "language": "en",
        "subjects": [{"subject": "event camera"}, {"subject": "neuromorphic"}],
        "descriptions": _descriptions(card),
        "rightsList": _rights(card),
        "fundingReferences": [{"funderName": name} for name in card.rights.funding],
        "alternateIdentifiers": [
            {"alternateIdentifierType": "sha256", "alternateIdentifier": entry.digest}
        ],
        "relatedIdentifiers": _related(card),
        "formats": ["application/vnd.zarr", "text/tab-separated-values"],
        "sizes": [
            f"{n_bytes} bytes",
            f"{entry.n_recordings} recordings",
            f"{entry.n_events} events",
        ],
    }
    return json_text({name: value for name, value in said.items() if value})


def _creator(text: str) -> dict[str, object]:
    author = read_author(text)
    if not author.family:
        return {"name": author.name, "nameType": "Organizational"}
    said: dict[str, object] = {
        "name": f"{author.family}, {author.given}",
        "nameType": "Personal",
        "givenName": author.given,
        "familyName": author.family,
    }
    if author.orcid:
        said["nameIdentifiers"] = [
            {
                "nameIdentifier": f"{ORCID_URL}{author.orcid}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    return said


def _descriptions(card: Card) -> list[dict[str, str]]:
    texts = [("Abstract", card.description.strip()), ("Other", " ".join(card.known_flaws))]
    return [{"description": text, "descriptionType": kind} for kind, text in texts if text]


def _rights(card: Card) -> list[dict[str, str]]:
    if card.licence == UNKNOWN:
        return []
    url = card.rights.licence_url or licence_url(card.licence)
    said = {"rights": card.licence, "rightsUri": url if "://" in url else ""}
    said |= {"rightsIdentifier": card.licence, "rightsIdentifierScheme": "SPDX"}
    return [{name: value for name, value in said.items() if value}]


def _related(card: Card) -> list[dict[str, str]]:
    if "://" not in card.homepage:
        return []
    return [
        {
            "relatedIdentifier": card.homepage,
            "relatedIdentifierType": "URL",
            "relationType": "IsDescribedBy",
        }
    ]
