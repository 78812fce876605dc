"""Metrics by name, each from the confusion matrix: rows are true classes, columns predicted."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Int64

from eventstore.errors import InvalidInput
from eventstore.registry import Entry, Registry

Confusion: TypeAlias = Int64[np.ndarray, "k k"]

Metric: TypeAlias = Callable[[Confusion], float]

METRICS: Registry[Metric] = Registry(
    "metric",
    "spikelake.metrics",
    {
        "accuracy": Entry("catalog.tasks.metrics:accuracy"),
        "balanced-accuracy": Entry("catalog.tasks.metrics:balanced_accuracy"),
        "macro-f1": Entry("catalog.tasks.metrics:macro_f1"),
    },
)


def accuracy(confusion: Confusion) -> float:
    """Return the share of samples that are classified right.

    Examples:
        >>> accuracy(np.array([[3, 1], [0, 0]]))
        0.75
    """
    return float(np.trace(confusion) / _total(confusion))


def balanced_accuracy(confusion: Confusion) -> float:
    """Return the mean over classes of the share classified right, of classes with samples.

    Examples:
        >>> balanced_accuracy(np.array([[9, 0], [1, 0]]))
        0.5
    """
    _total(confusion)
    n_true = confusion.sum(1)
    present = n_true > 0
    return float((np.diag(confusion)[present] / n_true[present]).mean())


def macro_f1(confusion: Confusion) -> float:
    r"""Return the mean over classes of F1, of classes that are true or predicted anywhere.

    $$ F_1 = 2 \, TP / (2 \, TP + FP + FN) $$

    Examples:
        >>> macro_f1(np.array([[1, 1], [0, 2]])) == (2 / 3 + 4 / 5) / 2
        True
    """
    _total(confusion)
    hits = np.diag(confusion).astype(np.float64)
    both: Float[np.ndarray, " k"] = confusion.sum(0) + confusion.sum(1).astype(np.float64)
    present = both > 0
    return float((2 * hits[present] / both[present]).mean())


def as_confusion(rows: object) -> Confusion:
    """Return a confusion matrix from plain values.

    Raises:
        InvalidInput: no square of counts.
    """
    try:
        table = np.asarray(rows)
    except ValueError:
        table = np.empty(0)
    square = table.ndim == 2 and table.shape[0] == table.shape[1] > 0
    if not square or table.dtype.kind not in "iu" or table.min() < 0:
        message = f"a confusion matrix of shape {table.shape}, {table.dtype}"
        raise InvalidInput(message, hint="give counts, a row for each true class, square")
    return table.astype(np.int64)


def _total(confusion: Confusion) -> int:
    total = int(confusion.sum())
    if not total:
        message = "a confusion matrix of no samples"
        raise InvalidInput(message, hint="evaluate on a fold that has some")
    return total
