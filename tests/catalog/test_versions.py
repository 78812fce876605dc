"""versions.json and version numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.versions import Version, latest, parse_version, parse_versions, versions_text
from eventstore.errors import FormatError, InvalidInput


def version(name: str, tree: str = "aa", **labels: str) -> Version:
    return Version(
        version=name,
        date="2026-01-01T00:00:00+00:00",
        message="m",
        tree=tree,
        labels=labels,
        splits={"official": "cc"},
        references="dd",
        n_recordings=1,
        n_events=2,
    )


def test_versions_read_back_in_the_order_of_saving() -> None:
    saved = [version("1.1.0"), version("1.0.1", **{"class": "x"})]
    assert parse_versions(versions_text(saved)) == saved
    assert versions_text([]) == "[]\n"


@given(st.tuples(*[st.integers(0, 10**6)] * 3))
def test_numbers_read_back(numbers: tuple[int, int, int]) -> None:
    assert parse_version(".".join(map(str, numbers))) == numbers


@pytest.mark.parametrize("text", ["1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0 ", "draft"])
def test_other_texts_are_no_versions(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a version number"):
        parse_version(text)


def test_the_latest_is_the_highest_not_the_last() -> None:
    assert latest([version("1.10.0"), version("1.9.1")]) == version("1.10.0")
    assert latest([]) is None


def test_the_digest_covers_content_and_not_words() -> None:
    one, other = version("1.0.0"), version("2.0.0")
    assert one.digest == other.digest == one.with_references("ee").digest
    assert one.digest != version("1.0.0", tree="ab").digest
    assert one.digest != version("1.0.0", **{"class": "x"}).digest


def test_files_that_are_no_versions_are_named() -> None:
    for text in ("{}", "[1]", '[{"version": "1.0.0"}]'):
        with pytest.raises(FormatError, match=r"versions.json"):
            parse_versions(text)


@pytest.mark.parametrize("wrong", [{"labels": 3}, {"version": "abc"}, {"n_events": "2"}])
def test_values_that_no_version_has_are_named(wrong: dict[str, object]) -> None:
    text = json.dumps([version("1.0.0").to_dict() | wrong])
    with pytest.raises(FormatError, match=f"{next(iter(wrong))} of a version is"):
        parse_versions(text)
