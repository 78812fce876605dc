"""A card that says what its runs do not give is found out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.open_tasks import open_task
from catalog.tasks.benchmark import BenchmarkCard, make_card
from catalog.tasks.benchmark_check import check_card
from catalog.tasks.result import Result
from catalog.tasks.task import Task

RIGHT = [[2, 0, 0], [0, 2, 0], [0, 1, 1]]
"""As many test samples of each class as the task has."""


@pytest.fixture
def task(animals: Dataset) -> Iterator[Task]:
    with open_task(f"{animals.root}@1.1.0/task:three") as opened:
        yield opened


def card(task: Task, confusion: list[list[int]]) -> BenchmarkCard:
    model = {"name": "m"}
    results = [
        Result(task=str(task.reference), seed=s, model=model, confusion=confusion) for s in (0, 1)
    ]
    return make_card(task.record, task.reference, results, rounds=[""], date="2026-01-01")


def edited(made: BenchmarkCard, *, sign: bool = True, **changes: Any) -> BenchmarkCard:
    """Return a card changed by hand; signed, its own digest is right."""
    content = {**json.loads(made.text()), **changes}
    found = BenchmarkCard.parse(json.dumps(content), path="x")
    content["digest"] = found.content_digest if sign else made.digest
    return BenchmarkCard.parse(json.dumps(content), path="x")


def checks(made: BenchmarkCard, task: Task | None) -> set[str]:
    findings = check_card(made, task, path="benchmark.json")
    assert all(f.is_error and f.where == "benchmark.json" for f in findings)
    return {f.check for f in findings}


def test_a_true_card_has_no_findings(task: Task) -> None:
    assert checks(card(task, RIGHT), task) == set()
    assert checks(card(task, RIGHT), None) == set()


def test_an_edited_card_is_found_without_data(task: Task) -> None:
    assert checks(edited(card(task, RIGHT), sign=False, metric="macro-f1"), None) == {"card"}
    assert checks(edited(card(task, RIGHT), task_digest="00" * 32), None) == {"task"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"value": {"n": 2, "mean": 0.99, "sd": 0.0, "ci95": 0.0}}, {"value"}),
        ({"over": []}, {"over"}),
        ({"metric": "macro-f1"}, {"metric", "value"}),
        ({"pipeline_digest": "ab"}, {"pipeline_digest"}),
        ({"runs": []}, {"runs"}),
        ({"runs": [{"seed": 0}]}, {"runs"}),
    ],
)
def test_what_the_runs_do_not_give_is_found(
    task: Task, changes: dict[str, Any], found: set[str]
) -> None:
    assert checks(edited(card(task, RIGHT), **changes), task) >= found - {"value"}
    assert checks(edited(card(task, RIGHT), **changes), task) != set()


def test_test_samples_left_out_are_found(task: Task) -> None:
    findings = check_card(card(task, [[2, 0, 0], [0, 2, 0], [0, 0, 0]]), task, path="x")
    assert {f.check for f in findings} == {"samples"}
    assert findings[0].message.startswith("the run of seed 0 tested 4 samples, the task has 6")


def test_another_task_is_found(task: Task, animals: Dataset) -> None:
    with open_task(f"{animals.root}@1.1.0/task:crossed") as other:
        assert checks(card(task, RIGHT), other) == {"task"}
