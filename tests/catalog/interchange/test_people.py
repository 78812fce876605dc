"""Authors are told apart only where the card does."""

import pytest

from catalog.interchange.people import Author, read_author

ORCID = "0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lovelace, Ada", Author("Ada Lovelace", "Lovelace", "Ada")),
        ("van Schaik, A.", Author("A. van Schaik", "van Schaik", "A.")),
        ("Ada Lovelace", Author("Ada Lovelace")),
        ("Example Lab, Zürich, CH", Author("Example Lab, Zürich, CH")),
        (f"Lovelace, Ada <{ORCID}>", Author("Ada Lovelace", "Lovelace", "Ada", ORCID)),
        (f"Lab (https://orcid.org/{ORCID})", Author("Lab", orcid=ORCID)),
        ("Lovelace,", Author("Lovelace,")),
    ],
)
def test_names(text: str, expected: Author) -> None:
    assert read_author(text) == expected
