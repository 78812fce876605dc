"""The file of a task: its digest is of what decides a result, and nothing else."""

import json
from dataclasses import replace
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.tasks.record import TaskPart, TaskRecord, parse_task, read_task
from catalog.tree import WorkTree
from eventstore.errors import FormatError, IntegrityError, NotFound

PART = TaskPart(
    dataset="a",
    split="s",
    split_digest="ab" * 32,
    labels="cd" * 32,
    recordings="ef" * 32,
    train=("train",),
    test=("test",),
)
RECORD = TaskRecord(name="t", parts=(PART,), classes=("cat", "dog")).frozen()


def test_the_digest_is_pinned() -> None:
    # A changed algorithm would break every task ever cited: give it a new prefix instead.
    assert RECORD.digest == DIGEST


def test_records_read_back() -> None:
    stages = [{"transform": "FramesByBins", "n_bins": 5}]
    for record in (RECORD, replace(RECORD, pipeline=stages, about="é").frozen()):
        assert TaskRecord.parse(record.text(), path="x") == record


@pytest.mark.parametrize(
    "changed",
    [
        {"classes": ("dog", "cat")},
        {"metric": "macro-f1"},
        {"cross_validate": True},
        {"pipeline": []},
        {"parts": (replace(PART, split_digest="00" * 32),)},
        {"parts": (replace(PART, validation=("train",), train=()),)},
        {"parts": (replace(PART, relabel={"owl": "cat"}),)},
        {"parts": (PART, PART)},
    ],
)
def test_what_decides_a_result_changes_the_digest(changed: dict[str, Any]) -> None:
    assert replace(RECORD, **changed).content_digest != RECORD.digest


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other"},
        {"about": "words"},
        {"parts": (replace(PART, dataset="b", split="x", version="1.0.0"),)},
    ],
)
def test_names_and_versions_do_not(changed: dict[str, Any]) -> None:
    assert replace(RECORD, **changed).content_digest == RECORD.digest


def edited(**changes: object) -> str:
    return json.dumps({**json.loads(RECORD.text()), **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "not a task; expected format 1; found none"),
        ("[]", "not a task"),
        (edited(format=2), "expected format 1; found 2"),
        (edited(parts=[]), "a task of no parts"),
        (edited(parts=[3]), "not a task"),
        (edited(classes="cat"), 'classes of the task is "cat"'),
        (edited(classes=[1]), r"classes of the task is \[1\]"),
        (edited(cross_validate=1), "cross_validate of the task is 1"),
        (edited(more=1), "more is missing or unknown"),
    ],
)
def test_other_texts_are_refused(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        TaskRecord.parse(text, path="tasks/t.json")


def test_an_edited_file_is_refused(animals: Dataset) -> None:
    file = animals.root / "tasks/three.json"
    file.write_text(file.read_text().replace('"accuracy"', '"macro-f1"'))
    tree = WorkTree(animals.root)
    with pytest.raises(IntegrityError, match="task 'three' is not what it was frozen as") as e:
        read_task(tree, "three")
    assert f"git -C {animals.root} diff -- tasks/three.json" in e.value.hint
    assert parse_task(tree, "three").metric == "macro-f1"
    assert [f.check for f in animals.verify() if f.is_error] == ["task"]
    with pytest.raises(NotFound, match="did you mean 'three'"):
        read_task(tree, "thre")


DIGEST = "2b0c25bfbf737774d636cbbe76d51283a8e4c0a0e787883e5f2321b4a7e2c5a5"
