"""A card is of one model on one task, whole, and says how it spreads."""

from dataclasses import replace
from typing import Any

import pytest

from catalog.reference import Reference
from catalog.tasks.benchmark import BenchmarkCard, make_card
from catalog.tasks.record import TaskPart, TaskRecord
from catalog.tasks.result import Result
from eventstore.errors import FormatError, InvalidInput

FRAMES = [{"transform": "FramesByBins", "n_bins": 2}]
PART = TaskPart(
    dataset="a", split="s", split_digest="ab" * 32, labels="", recordings="", test=("test",)
)
TASK = TaskRecord(name="t", parts=(PART,), classes=("cat", "dog")).frozen()
REFERENCE = Reference(name="a", version="1.0.0", task="t", digest=TASK.digest[:16])


def result(seed: int, right: int, **settings: Any) -> Result:
    confusion = [[right, 10 - right], [0, 10]]
    fields = {"task": str(REFERENCE), "model": {"name": "m"}, "confusion": confusion, **settings}
    return Result(seed=seed, **fields)


def card(
    results: list[Result], task: TaskRecord = TASK, rounds: tuple[str, ...] = ("",)
) -> BenchmarkCard:
    return make_card(task, REFERENCE, results, rounds=rounds, date="2026-01-01T00:00:00+00:00")


def test_means_are_over_seeds() -> None:
    made = card([result(1, 8), result(0, 10)])
    assert made.value["mean"] == 0.95
    assert made.value["n"] == 2
    assert made.over_rounds is None
    assert [run["seed"] for run in made.runs] == [0, 1]
    assert made.over == [{"dataset": "a", "version": "1.0.0", "split": "s", "digest": "ab" * 32}]


def test_a_seed_of_a_cross_validation_counts_as_the_mean_of_its_rounds() -> None:
    results = [result(s, 6 + 2 * s + k, round=f"fold{k}") for s in (0, 1) for k in (0, 1)]
    made = card(results, rounds=("fold0", "fold1"))
    assert made.value["mean"] == pytest.approx((0.825 + 0.925) / 2)
    assert made.over_rounds is not None
    assert made.over_rounds["mean"] == pytest.approx((0.85 + 0.9) / 2)
    with pytest.raises(InvalidInput, match="no run of round 'fold1' with seed 0"):
        card(results[:1], rounds=("fold0", "fold1"))


def test_cards_read_back_with_their_digest() -> None:
    made = card([result(0, 9, pipeline=FRAMES, code={"torch": "2"})])
    again = BenchmarkCard.parse(made.text(), path="x")
    assert again == made
    assert again.content_digest == made.digest
    assert replace(again, date="other").content_digest != made.digest


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"model": {"name": "n"}}, "it is of another model"),
        ({"pipeline": FRAMES}, "another pipeline"),
        ({"task": "a@1.0.0/task:t#" + "00" * 8}, "it is of the task a@1"),
        ({"round": "fold0"}, "the task has no such round"),
        ({"confusion": [[1]]}, "it has 1 classes, the task 2"),
        ({"seed": 0}, "two runs of seed 0"),
    ],
)
def test_runs_that_do_not_belong_together_are_refused(other: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        card([result(0, 9), result(**{"seed": 1, "right": 9, **other})])


def test_the_transforms_that_a_task_fixes_are_demanded() -> None:
    task = replace(TASK, pipeline=FRAMES).frozen()
    cited = str(replace(REFERENCE, digest=task.digest[:16]))
    assert card([result(0, 9, task=cited, pipeline=FRAMES)], task).pipeline_digest
    with pytest.raises(InvalidInput, match="the task fixes the pipeline"):
        card([result(0, 9, task=cited)], task)


def test_no_runs_make_no_card_and_other_files_are_none() -> None:
    with pytest.raises(InvalidInput, match="a card of no runs"):
        card([])
    for text in ("{}", "[]", '{"format": 1}'):
        with pytest.raises(FormatError, match="not the card of a result"):
            BenchmarkCard.parse(text, path="x")
