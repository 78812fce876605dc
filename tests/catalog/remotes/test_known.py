"""Where versions were published stands beside the versions, in none of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.remotes.known import Remotes, check_no_secret, known_remotes, note_remote
from eventstore.errors import FormatError, InvalidInput

NOTES = st.lists(
    st.tuples(st.sampled_from(["s3://a/x", "file:///b", "https://c"]), st.sampled_from("123"))
)


@given(NOTES)
def test_notes_add_up_and_come_back_from_the_text(notes: list[tuple[str, str]]) -> None:
    remotes = Remotes(remotes=())
    for url, version in notes:
        remotes = remotes.noting(url, "tree", version)
    assert Remotes.parse(remotes.text()) == remotes
    for version in "123":
        assert set(remotes.urls_of(version)) == {url for url, v in notes if v == version}


def test_stores_are_not_read_in_place() -> None:
    remotes = Remotes(remotes=()).noting("ria+file:///s#~a", "ria", "1.0.0")
    assert remotes.urls_of("1.0.0") == []


def test_a_note_commits_nothing_else(animals: Dataset) -> None:
    (animals.root / "dataset.yaml").write_text("name: animals\ntitle: under work\n")
    (animals.root / "draft.md").write_text("x\n")
    assert note_remote(animals.repo, "s3://bucket/animals", "tree", "1.0.0")
    assert not note_remote(animals.repo, "s3://bucket/animals", "tree", "1.0.0")
    assert animals.repo.changed() == ["dataset.yaml", "draft.md"]
    assert known_remotes(animals.repo).urls_of("1.0.0") == ["s3://bucket/animals"]
    assert animals.at("1.0.0").version == animals.version("1.0.0")


@pytest.mark.parametrize(
    "text",
    ["[]", '{"format": 2}', json.dumps({"format": 1, "remotes": [{"url": "x"}]}), "x"],
)
def test_what_is_no_list_of_remotes_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"remotes\.json"):
        Remotes.parse(text)


def test_passwords_never_get_into_the_history() -> None:
    with pytest.raises(InvalidInput, match="the URL has a password"):
        check_no_secret("ftp://ann:secret@host/x")
    check_no_secret("ssh://ann@host/x")
