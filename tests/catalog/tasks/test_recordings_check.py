"""Recordings that differ are named one by one, and counted from some number on."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from catalog.dataset import Dataset
from catalog.recording_table import recording_digests
from catalog.splits.record import read_split
from catalog.tasks import recordings_check
from catalog.tasks.record import TaskRecord
from catalog.tasks.recordings_check import check_recordings, check_stored
from eventstore.findings import Finding


def other(dataset: Dataset, record: TaskRecord) -> list[Finding]:
    state = dataset.draft()
    held = read_split(state.tree, "official", recording_digests(state.recordings))
    return list(check_recordings(dataset, "here", record.parts[0], held, state.recordings))


def test_side_streams_alone_are_warnings(
    animals: Dataset, three: TaskRecord, rewrite: Callable[..., None]
) -> None:
    rewrite("test/cat/000", x=False, side=True)
    findings = other(animals, three)
    assert [f.is_error for f in findings] == [False, False]
    assert findings[1].where == "here: test/cat/000"
    assert findings[1].message == "not the side streams that the task was made over"


def test_many_are_counted(
    animals: Dataset, three: TaskRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings_check, "MOST_NAMED", 2)
    file = animals.root / "recordings.tsv"
    digests = recording_digests(animals.draft().recordings).values()
    text = file.read_text()
    for digest in digests:
        text = text.replace(digest, digest[::-1])
    file.write_text(text)
    findings = other(animals, three)
    assert [f.where for f in findings] == [
        "here: test/cat/000",
        "here: test/cat/003",
        "here: recordings.tsv",
    ]
    assert findings[-1].message == "and 13 more recordings differ"
    state = animals.draft()
    held = read_split(state.tree, "official", recording_digests(state.recordings))
    part = three.parts[0]
    found = list(check_stored(state, part, held, listed=part.recordings, deep=False))
    assert found[-1].message == "and 13 more recordings differ from the store"


def test_without_a_version_that_has_them_none_is_named(
    animals: Dataset, three: TaskRecord, rewrite: Callable[..., None]
) -> None:
    rewrite("test/cat/000")
    part = replace(three.parts[0], split_digest="00" * 32)
    (finding,) = other(animals, replace(three, parts=(part,)))
    assert finding.message == "the recordings of its samples differ; no saved version says which"
