"""Licences and DOIs."""

import pytest

from catalog.rights_ids import bare_doi, check_doi, check_licence, spdx_ids
from eventstore.errors import InvalidInput, NotFound


@pytest.mark.parametrize(
    "text",
    ["unknown", "CC-BY-4.0", "LicenseRef-Prophesee", "MIT OR CC0-1.0", "(MIT AND 0BSD) OR ISC"],
)
def test_licences(text: str) -> None:
    check_licence(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("CC-BY-SA 4.0", "CC-BY-SA-4.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("CC-BY-4.1", "CC-BY-4.0"),
    ],
)
def test_misspelt_licences_have_a_neighbour(text: str, near: str) -> None:
    with pytest.raises(NotFound, match="is no SPDX licence") as caught:
        check_licence(text)
    assert caught.value.hint == f"did you mean '{near}'?"


def test_other_texts_are_pointed_to_the_list() -> None:
    with pytest.raises(NotFound) as caught:
        check_licence("whatever you like, really")
    assert "LicenseRef-NAME" in caught.value.hint


@pytest.mark.parametrize("text", ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "()", "MIT ISC"])
def test_broken_expressions_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no SPDX expression"):
        check_licence(text)


def test_the_list_is_whole() -> None:
    assert len(spdx_ids()) > 650
    assert not any(name.startswith("#") or " " in name for name in spdx_ids())


@pytest.mark.parametrize("prefix", ["", "doi:", "DOI: ", "https://doi.org/", "http://dx.doi.org/"])
def test_a_doi_is_bare(prefix: str) -> None:
    assert bare_doi(f"{prefix}10.1000/x(1)") == "10.1000/x(1)"


def test_what_is_no_doi_is_refused() -> None:
    check_doi("10.1109/TNNLS.2020.3044364")
    with pytest.raises(InvalidInput, match="is no DOI") as caught:
        check_doi("https://doi.org/10.1000/x")
    assert caught.value.hint == "write 10.1000/x"
    with pytest.raises(InvalidInput, match="is no DOI") as caught:
        check_doi("10/x")
    assert "without a prefix" in caught.value.hint
