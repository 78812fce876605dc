"""A version opened for reading."""

import pytest

from catalog.dataset import Dataset
from eventstore.errors import IntegrityError, NotFound


def test_a_version_knows_what_it_is(animals: Dataset) -> None:
    with animals.at("1.0.0") as version:
        assert version.name == "animals"
        assert version.splits == ["official"]
        assert version.label_sets == ["class"]
        assert version.has_recordings
        digest = animals.version().digest[:16]
        assert repr(version) == f"<DatasetVersion animals@1.0.0#{digest}, splits ['official']>"
        assert version.split_record("official").digest == version.split("official").digest


def test_a_cited_digest_is_checked(animals: Dataset) -> None:
    version = animals.at("1.0.0")
    right = version.split("official").digest
    assert version.split("official", digest=right[:8]).digest == right
    with pytest.raises(IntegrityError, match="the reference says 00000000"):
        version.split("official", digest="00000000")


def test_unknown_names_are_listed(animals: Dataset) -> None:
    version = animals.at("1.0.0")
    for ask in (version.split, version.split_record):
        with pytest.raises(NotFound, match="did you mean 'official'"):
            ask("oficial")
    with pytest.raises(NotFound, match="no label set 'klass'"):
        version.labels("klass")


def test_an_empty_draft_opens(empty: Dataset) -> None:
    draft = empty.draft()
    assert (draft.has_recordings, draft.splits, draft.label_sets) == (False, [], [])
    assert str(draft.reference) == "empty@draft"
    with pytest.raises(NotFound, match="no recordings yet"):
        _ = draft.store
