"""Metrics agree with their definition, counted sample by sample."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.tasks.metrics import METRICS, as_confusion
from eventstore.errors import InvalidInput

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


def confusion(pairs: list[tuple[int, int]]) -> np.ndarray:
    table = np.zeros((4, 4), np.int64)
    for true, said in pairs:
        table[true, said] += 1
    return table


@given(PAIRS)
def test_accuracy_and_recall(pairs: list[tuple[int, int]]) -> None:
    hits = [true == said for true, said in pairs]
    assert METRICS["accuracy"](confusion(pairs)) == pytest.approx(np.mean(hits))
    recalls = [
        np.mean([said == k for true, said in pairs if true == k]) for k in {t for t, _ in pairs}
    ]
    assert METRICS["balanced-accuracy"](confusion(pairs)) == pytest.approx(np.mean(recalls))


@given(PAIRS)
def test_macro_f1(pairs: list[tuple[int, int]]) -> None:
    scores = []
    for k in {one for pair in pairs for one in pair}:
        tp = sum(t == k == s for t, s in pairs)
        wrong = sum((t == k) != (s == k) for t, s in pairs)
        scores.append(2 * tp / (2 * tp + wrong))
    assert METRICS["macro-f1"](confusion(pairs)) == pytest.approx(np.mean(scores))
    assume(len(scores) > 1)
    assert 0 <= METRICS["macro-f1"](confusion(pairs)) <= 1


@pytest.mark.parametrize("name", list(METRICS))
def test_no_samples_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="of no samples"):
        METRICS[name](np.zeros((2, 2), np.int64))


@pytest.mark.parametrize("rows", [[], [[1, 2]], [[0.5]], [[1, -1], [0, 1]], "x", [[1], [2, 3]]])
def test_other_things_are_no_confusion_matrix(rows: object) -> None:
    with pytest.raises(InvalidInput, match="a confusion matrix of shape"):
        as_confusion(rows)
