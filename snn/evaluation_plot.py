"""Pictures of an evaluation: what was taken for what, and accuracy over time."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64

from eventstore.durable import DurableFolder
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
    """Return a PNG of a confusion matrix: colours are shares of the true class, numbers samples."""
    n = len(label_names)
    of_class = confusion.sum(1, keepdims=True)
    shares = 100 * confusion / np.maximum(of_class, 1)
    side = min(3.2 + 0.36 * n, 16.0)
    figure = new_figure(side + 1.0, side)
    axes = figure.subplots()
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
    set_title(axes, title, width=side)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    if n <= MAX_COUNTED:
        _write_counts(axes, confusion, shares, size)
    figure.colorbar(image, ax=axes, label="share of the true class (%)", shrink=0.8)
    return as_png(figure)


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
    """Return a PNG of accuracy over time, and of the share of samples whose decision stands.

    Args:
        latency: what an evaluation found.
        title: what was evaluated.
        step_ms: length of a time step; None where steps have no fixed length.
    """
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(6.0, 3.8)
    axes = figure.subplots()
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
    axes.legend(frameon=False, loc="best", fontsize=9)
    tidy(axes)
    return as_png(figure)
