"""Pictures of events and training as PNG and SVG text that a page carries inside itself."""

import base64
import io
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from devices.demo.facts import SeedFacts

ON_COLOUR = np.array([38, 96, 201], np.float64)
OFF_COLOUR = np.array([214, 88, 32], np.float64)
PAPER = np.array([255, 255, 255], np.float64)
SERIES = ("#2660c9", "#d65820", "#2a8a5c", "#8b5cb8", "#8a6d1a")
"""One colour per seed, told apart also by its label at the line's end."""


def event_picture(counts: UInt8[np.ndarray, "slices p h w"]) -> str:
    """Return a PNG data URL of the slices side by side: ON blue, OFF orange, on white.

    Args:
        counts: events per pixel and polarity in each slice; plane 1 is ON.
    """
    strip = np.concatenate(list(counts), axis=-1).astype(np.float64)
    top = max(float(np.percentile(strip[strip > 0], 95)), 1.0) if strip.any() else 1.0
    off, on = np.minimum(strip / top, 1.0)
    on, off = on[..., None], off[..., None]
    colour = PAPER - on * (PAPER - ON_COLOUR) - off * (PAPER - OFF_COLOUR)
    return _png(np.clip(colour, 0, 255).astype(np.uint8))


def _png(pixels: UInt8[np.ndarray, "h w rgb"]) -> str:
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    imsave(buffer, pixels, format="png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def training_curve(runs: Sequence[SeedFacts]) -> str:
    """Return an SVG of held-out accuracy over epochs, one line per seed, chosen epochs marked."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(7.2, 3.0), layout="constrained")
    axes = figure.subplots()
    for run, colour in zip(runs, SERIES * len(runs), strict=False):
        epochs = [row["epoch"] for row in run.epochs]
        held_out = [100 * row["held_out_accuracy"] for row in run.epochs]
        axes.plot(epochs, held_out, color=colour, linewidth=1.6, label=f"seed {run.seed}")
        chosen = epochs.index(run.best_epoch)
        axes.plot(run.best_epoch, held_out[chosen], "o", color=colour, markersize=7)
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy on held-out\ntraining recordings (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.8)
    axes.legend(frameon=False, loc="lower right")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
