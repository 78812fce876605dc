"""A result is what any framework can write, and is not believed where it can be computed."""

import json

import pytest

from catalog.tasks.result import Result
from eventstore.errors import FormatError, InvalidInput

TASK = "a@1.0.0/task:t#" + "ab" * 8
RESULT = Result(task=TASK, seed=3, model={"name": "m"}, confusion=[[2, 1], [0, 3]])


def test_results_read_back() -> None:
    assert Result.parse(RESULT.text(), path="x") == RESULT


def test_metrics_are_computed_from_the_confusion_matrix() -> None:
    assert RESULT.value("accuracy") == 5 / 6
    agreeing = Result(
        task=TASK, seed=0, model={}, confusion=[[1, 1]] * 2, metrics={"accuracy": 0.5}
    )
    assert agreeing.value("accuracy") == 0.5
    boasting = Result(
        task=TASK, seed=0, model={}, confusion=[[1, 1]] * 2, metrics={"accuracy": 0.9}
    )
    with pytest.raises(InvalidInput, match=r"given as 0\.9, its confusion matrix gives 0\.5"):
        boasting.value("accuracy")


def test_other_metrics_are_taken_as_given() -> None:
    given = Result(task=TASK, seed=0, model={}, metrics={"mAP": 0.4})
    assert given.value("mAP") == 0.4
    with pytest.raises(InvalidInput, match="has mAP, not 'accuracy'"):
        given.value("accuracy")


def changed(**changes: object) -> str:
    content = {**json.loads(RESULT.text()), **changes}
    return json.dumps({k: v for k, v in content.items() if v != "absent"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not the result of a run"),
        (changed(format=9), "expected format 1; found 9"),
        (changed(seed="absent"), "seed is missing"),
        (changed(seed=True), "seed is missing, unknown or of another type"),
        (changed(sed=1), "sed is missing, unknown"),
        (changed(task="a@1.0.0/task:t"), "does not cite a task with its digest"),
        (changed(task="a@1.0.0/split:t#" + "ab" * 8), "does not cite a task"),
        (changed(confusion=None), "neither confusion matrix nor metrics"),
        (changed(confusion=[[1, 2]]), "a confusion matrix of shape"),
        (changed(metrics={"accuracy": float("nan")}), "are not all numbers"),
    ],
)
def test_other_texts_are_refused(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        Result.parse(text, path="result.json")
