import numpy as np
import pytest
from matplotlib.figure import Figure

from snn import history_plot
from snn.progress import EpochRow


def row_of(epoch: int, *, held_out: bool) -> EpochRow:
    return EpochRow(
        epoch=epoch,
        loss=1 / (epoch + 1),
        train_accuracy=0.5,
        held_out_loss=0.25 if held_out else None,
        held_out_accuracy=0.75 if held_out else None,
        learning_rate=0.001,
        seconds=1.0,
        samples_per_second=1.0,
        wait_share=0.0,
    )


@pytest.mark.parametrize("held_out", [True, False])
def test_loss_accuracy_and_the_epoch_chosen(
    monkeypatch: pytest.MonkeyPatch, *, held_out: bool
) -> None:
    figures: list[Figure] = []

    def catch(figure: Figure) -> bytes:
        figures.append(figure)
        return b""

    monkeypatch.setattr(history_plot, "as_png", catch)
    history_plot.history_plot([row_of(i, held_out=held_out) for i in range(3)], 1, title="mine")
    left, right = figures[0].axes
    assert figures[0].get_suptitle() == "mine"
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss (cross-entropy)", "accuracy (%)")
    assert {axes.get_xlabel() for axes in (left, right)} == {"epoch"}
    labels = [str(line.get_label()) for line in right.lines]
    expected = ["training", "held out", "epoch chosen: 1"]
    assert labels == (expected if held_out else [expected[0], expected[2]])
    assert np.asarray(right.lines[0].get_ydata()).tolist() == [50.0] * 3
    assert np.asarray(left.lines[0].get_ydata()).tolist() == [1.0, 1 / 2, 1 / 3]
    if held_out:
        assert np.asarray(right.lines[1].get_ydata()).tolist() == [75.0] * 3


def test_it_is_a_png() -> None:
    assert history_plot.history_plot([row_of(0, held_out=True)], 0).startswith(b"\x89PNG")
