"""Pictures of an evaluation: what was taken for what, and accuracy over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64

from eventstore.durable import DurableFolder
from eventstore.errors import InvalidInput
from eventstore.plot.looks import INK, axes_for, without_ground
from snn.evaluation import Evaluation
from snn.figures import BLUE, GREY, ORANGE, as_png, new_figure, set_title, tidy
from snn.latency import Latency

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_COUNTED = 30
"""Up to so many classes the number of samples is written into each cell."""


def write_plots(
    found: Evaluation,
    label_names: Sequence[str],
    folder: Path,
    *,
    title: str = "",
    step_ms: float | None = None,
) -> list[Path]:
    """Write ``confusion.png`` and ``latency.png``; return their paths.

    Args:
        found: the evaluation.
        label_names: classes, in the order of the output neurons.
        folder: made where absent; pictures of these names are replaced.
        title: what was evaluated.
        step_ms: length of a time step; None where steps have no fixed length.
    """
    pictures = {
        "confusion.png": confusion_plot(found.confusion, label_names, title=title),
        "latency.png": latency_plot(found.latency, title=title, step_ms=step_ms),
    }
    durable = DurableFolder(folder)
    for name, content in pictures.items():
        durable.stage(name, [content], derived=True)
    durable.settle()
    return [folder / name for name in pictures]


def confusion_plot(
    confusion: Int64[np.ndarray, "true said"], label_names: Sequence[str], *, title: str = ""
) -> bytes:
    """Return a PNG of a confusion matrix; see `draw_confusion`."""
    width, height = _side(len(label_names)) + 1.0, _side(len(label_names))
    figure = new_figure(width, height)
    draw_confusion(confusion, label_names, title=title, ax=figure.subplots())
    return as_png(figure)


def draw_confusion(
    found: Evaluation | Int64[np.ndarray, "true said"],
    label_names: Sequence[str],
    *,
    title: str = "",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a confusion matrix: colours are shares of the true class, numbers samples.

    Args:
        found: an evaluation, or the matrix: samples by true class and class said.
        label_names: classes, in the order of the output neurons.
        title: what was evaluated.
        ax: axes to draw on; new ones where None.

    Raises:
        InvalidInput: there are not as many names as classes.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> ax = draw_confusion(np.array([[3, 1], [0, 4]]), ["left", "right"])
        >>> [text.get_text() for text in ax.texts]
        ['3', '1', '4']
        >>> plt.close(ax.figure)
    """
    confusion = found.confusion if isinstance(found, Evaluation) else found
    n = len(label_names)
    if confusion.shape != (n, n):
        message = f"{n} names for a confusion matrix of {' × '.join(map(str, confusion.shape))}"
        raise InvalidInput(message, hint="name each class once, in the order of the outputs")
    shares = 100 * confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    axes = axes_for(ax, size=(_side(n) + 1.0, _side(n)))
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    size = 9 if n <= 16 else 7
    long = max(map(len, label_names)) > 3
    axes.set_xticks(
        range(n), label_names, rotation=45 if long else 0, ha="right" if long else "center",
        rotation_mode="anchor" if long else None, fontsize=size,
    )  # fmt: skip
    axes.set_yticks(range(n), label_names, fontsize=size)
    axes.set_xlabel("class said")
    axes.set_ylabel("true class")
    set_title(axes, title, width=_side(n))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    if n <= MAX_COUNTED:
        _write_counts(axes, confusion, shares, size)
    bar = axes.figure.colorbar(image, ax=axes, label="share of the true class (%)", shrink=0.8)
    if ax is None:
        without_ground(bar.ax)
    return axes


def _side(n: int) -> float:
    """Return the height of a matrix of n classes, in inches."""
    return min(3.2 + 0.36 * n, 16.0)


def _write_counts(
    axes: "Axes", confusion: Int64[np.ndarray, "true said"], shares: np.ndarray, size: int
) -> None:
    for true, said in np.argwhere(confusion):
        dark = shares[true, said] > 55
        axes.text(
            said, true, str(confusion[true, said]), ha="center", va="center", fontsize=size,
            color="white" if dark else "black",
        )  # fmt: skip


def latency_plot(latency: Latency, *, title: str = "", step_ms: float | None = None) -> bytes:
    """Return a PNG of accuracy over time; see `draw_latency`."""
    figure = new_figure(6.0, 3.8)
    draw_latency(latency, title=title, step_ms=step_ms, ax=figure.subplots())
    return as_png(figure)


def draw_latency(
    found: Evaluation | Latency,
    *,
    title: str = "",
    step_ms: float | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw accuracy over time, and the share of samples whose decision stands.

    Args:
        found: an evaluation, or what it found of latency.
        title: what was evaluated.
        step_ms: length of a time step; None where steps have no fixed length.
        ax: axes to draw on; new ones where None.
    """
    from matplotlib.ticker import MaxNLocator

    latency = found.latency if isinstance(found, Evaluation) else found
    axes = axes_for(ax, size=(6.0, 3.8))
    n_steps, scale = len(latency.accuracy), step_ms or 1.0
    at = np.arange(1, n_steps + 1) * scale
    marker = "o" if n_steps <= 40 else ""
    axes.plot(at, 100 * latency.accuracy, color=BLUE, marker=marker, ms=4, label="accuracy so far")
    standing = np.cumsum(np.bincount(latency.decided, minlength=n_steps + 1)[1:])
    axes.plot(
        at, 100 * standing / len(latency.decided), color=ORANGE, ls="--", marker=marker, ms=3,
        label="decisions that stand",
    )  # fmt: skip
    if latency.median_decided is not None:
        median = latency.median_decided * scale
        what = f"{median:g} ms" if step_ms else f"step {median:g}"
        axes.axvline(median, color=GREY, ls=":", lw=1.2, label=f"median decision: {what}")
    axes.set_xlabel("time (ms)" if step_ms else "time step")
    axes.set_ylabel("samples (%)")
    axes.set_ylim(0, 103)
    axes.set_xlim(0, at[-1] * 1.02)
    if not step_ms:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    set_title(axes, title, width=6.0)
    axes.legend(frameon=False, loc="best", fontsize=9, labelcolor=None if ax else INK)
    tidy(axes)
    return axes
