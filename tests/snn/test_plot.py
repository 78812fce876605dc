"""Plots of networks, on new axes and on given ones."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from eventstore.errors import InvalidInput
from snn import plot
from snn.latency import Latency
from snn.progress import EpochRow
from snn.robustness.curves import Curve, summarise
from snn.robustness_of_runs.options import ReportOptions
from snn.robustness_of_runs.report import RecipeCurves, RobustnessReport

pytestmark = pytest.mark.usefixtures("no_screen")


def rows(n: int) -> list[EpochRow]:
    return [
        EpochRow(
            epoch=k, loss=1 / (k + 1), train_accuracy=0.5, held_out_loss=0.25,
            held_out_accuracy=0.75, learning_rate=0.001, seconds=1.0, samples_per_second=1.0,
            wait_share=0.0,
        )
        for k in range(n)
    ]  # fmt: skip


def report() -> RobustnessReport:
    def curve(*strengths: float) -> Curve:
        return tuple(
            summarise(s, np.array([[0.9 - k / 10, 0.8 - k / 10]])) for k, s in enumerate(strengths)
        )

    of = RecipeCurves(
        recipe="plain", digest="ab" * 32, method=None, runs=("runs/0",),
        mismatch=curve(0, 0.1, 0.2), jitter=curve(0, 3e3), drop=curve(0, 0.5),
    )  # fmt: skip
    return RobustnessReport(task="d@1", fold="test", options=ReportOptions(), recipes=(of,))


LATENCY = Latency(
    accuracy=np.linspace(0.2, 0.9, 5),
    first_output=np.array([1, 1, 0, 2]),
    decided=np.array([1, 3, 0, 3]),
)


def test_new_axes_have_no_ground_and_say_what_they_show() -> None:
    drawn = [
        plot.confusion(np.array([[3, 1], [0, 2]]), ["left", "right"]),
        plot.latency(LATENCY, step_ms=10),
        *plot.history(rows(3), 1),
        *plot.robustness(report()),
    ]
    assert len(drawn) == 7
    for axes in drawn:
        assert to_rgba(axes.get_facecolor())[3] == 0
        assert axes.get_xlabel()
    assert [axes.get_ylabel() for axes in drawn[:5]] == [
        "true class", "samples (%)", "loss (cross-entropy)", "accuracy (%)", "accuracy (%)",
    ]  # fmt: skip


def test_given_axes_are_drawn_on() -> None:
    figure = plt.figure()
    own = figure.subplots(1, 3)
    assert plot.confusion(np.eye(2, dtype=np.int64), ["a", "b"], ax=own[0]) is own[0]
    assert plot.robustness(report(), axes=own) == tuple(own)
    with pytest.raises(InvalidInput, match="3 axes were given, 2 are drawn on"):
        plot.history(rows(2), axes=own)


def test_a_matrix_of_other_classes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="2 names for a confusion matrix of 3 × 3"):
        plot.confusion(np.eye(3, dtype=np.int64), ["a", "b"])
