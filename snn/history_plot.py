"""The learning curve of a run as a picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventstore.plot.looks import INK, row_of_axes
from snn.figures import BLUE, GREY, ORANGE, as_png, new_figure, tidy
from snn.progress import EpochRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def history_plot(history: Sequence[EpochRow], best_epoch: int, *, title: str = "") -> bytes:
    """Return a PNG of a learning curve; see `draw_history`.

    Args:
        history: one row per epoch.
        best_epoch: the epoch chosen, marked by a line.
        title: what was trained.
    """
    figure = new_figure(9.0, 3.6)
    draw_history(history, best_epoch, axes=figure.subplots(1, 2))
    figure.suptitle(title, fontsize=10)
    return as_png(figure)


def draw_history(
    history: Sequence[EpochRow],
    best_epoch: int | None = None,
    *,
    axes: "Sequence[Axes] | None" = None,
) -> "tuple[Axes, ...]":
    """Draw loss and accuracy over epochs, in training and on held-out samples.

    Args:
        history: one row per epoch, such as ``run.result.history``.
        best_epoch: the epoch chosen, marked by a line.
        axes: two to draw on; new ones where None.

    Returns: the axes of loss and of accuracy.

    Raises:
        InvalidInput: another number of axes is given.
    """
    left, right = drawn = row_of_axes(axes, 2, size=(9.0, 3.6))
    epochs = [row.epoch for row in history]
    _draw(
        left,
        epochs,
        training=[row.loss for row in history],
        held_out=[row.held_out_loss for row in history],
    )
    left.set_ylabel("loss (cross-entropy)")
    left.set_ylim(bottom=0)
    _draw(
        right,
        epochs,
        training=[100 * row.train_accuracy for row in history],
        held_out=[None if (a := row.held_out_accuracy) is None else 100 * a for row in history],
    )
    right.set_ylabel("accuracy (%)")
    for one in drawn:
        if best_epoch is not None:
            one.axvline(best_epoch, color=GREY, ls=":", lw=1.2, label=f"epoch chosen: {best_epoch}")
        one.legend(frameon=False, loc="best", fontsize=9, labelcolor=INK if axes is None else None)
    return drawn


def _draw(
    axes: "Axes",
    epochs: Sequence[int],
    *,
    training: Sequence[float],
    held_out: Sequence[float | None],
) -> None:
    from matplotlib.ticker import MaxNLocator

    marker = "o" if len(epochs) <= 30 else ""
    axes.plot(epochs, training, color=BLUE, marker=marker, ms=4, label="training")
    known = [(at, value) for at, value in zip(epochs, held_out, strict=True) if value is not None]
    if known:
        at, values = zip(*known, strict=True)
        axes.plot(at, values, color=ORANGE, ls="--", marker=marker, ms=4, label="held out")
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes)
