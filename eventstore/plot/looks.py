"""How plots look: colours that all tell apart, and lines and letters for light and dark pages."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from eventstore.errors import InvalidInput
from eventstore.thumbnail import BOTH, OFF, ON

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#7f7f7f"
"""Letters and lines: as far from white as from black."""

HUES = tuple(tuple(part / 255 for part in hue) for hue in (OFF, BOTH, ON))
"""Orange, violet and blue, as matplotlib takes them."""

OFF_HUE, BOTH_HUE, ON_HUE = HUES

SPAN_HUES = ("#2a8a5c", "#8a6d1a")
"""Grounds of label intervals, in turn; neither is the colour of a polarity."""

MOST_WORDS = 24
"""Label intervals that are named; more would lie over each other."""


class Interval(Protocol):
    """A named slice of time, such as `catalog.Label`."""

    @property
    def t_start_us(self) -> int:
        """Begin."""

    @property
    def t_stop_us(self) -> int:
        """End."""

    @property
    def label(self) -> str:
        """Name."""


def axes_for(ax: "Axes | None", *, size: tuple[float, float]) -> "Axes":
    """Return the axes to draw on: those given, or new ones of a size in inches.

    Those given keep their colours. New ones have no ground, and letters that are seen on any.
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(figsize=size, layout="constrained", facecolor="none")
    without_ground(axes)
    return axes


def row_of_axes(
    axes: "Sequence[Axes] | None", n: int, *, size: tuple[float, float], sharey: bool = False
) -> "tuple[Axes, ...]":
    """Return axes beside each other to draw on: those given, or new ones.

    Args:
        axes: what was given.
        n: how many are needed.
        size: width and height of all, in inches.
        sharey: whether new ones have one scale upward.

    Raises:
        InvalidInput: another number is given.
    """
    if axes is not None:
        if len(axes) != n:
            message = f"{len(axes)} axes were given, {n} are drawn on"
            raise InvalidInput(message, hint=f"give {n}, as of plt.subplots(1, {n})[1]")
        return tuple(axes)
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=size, layout="constrained", facecolor="none")
    made = tuple(figure.subplots(1, n, sharey=sharey, squeeze=False)[0])
    for one in made:
        without_ground(one)
    return made


def without_ground(axes: "Axes") -> None:
    """Take the ground away and give letters and lines a colour that is seen on any."""
    axes.set_facecolor("none")
    axes.tick_params(colors=INK)
    for part in (axes.title, axes.xaxis.label, axes.yaxis.label):
        part.set_color(INK)
    axes.title.set_fontsize(10)
    for side, spine in axes.spines.items():
        spine.set_color(INK)
        spine.set_visible(side not in {"top", "right"})


def draw_intervals(
    axes: "Axes", labels: Sequence[Interval], *, start_us: int, stop_us: int
) -> None:
    """Lay label intervals behind a plot over seconds, with their names above it.

    Args:
        axes: the plot.
        labels: the intervals, in µs.
        start_us: begin of what is shown; intervals are cut there.
        stop_us: its end.
    """
    seen = [one for one in labels if one.t_start_us < stop_us and one.t_stop_us > start_us]
    colour_of = {name: i for i, name in enumerate(dict.fromkeys(one.label for one in seen))}
    for one in seen:
        left, right = max(one.t_start_us, start_us) / 1e6, min(one.t_stop_us, stop_us) / 1e6
        hue = SPAN_HUES[colour_of[one.label] % len(SPAN_HUES)]
        axes.axvspan(left, right, color=hue, alpha=0.14, linewidth=0, zorder=0)
        axes.axvline(left, color=hue, alpha=0.6, linewidth=0.8, zorder=0.5)
        if len(seen) <= MOST_WORDS:
            axes.text(
                (left + right) / 2, 1.01, one.label, color=hue, fontsize=8, ha="center",
                va="bottom", transform=axes.get_xaxis_transform(), clip_on=False,
            )  # fmt: skip


def finite_span(t: np.ndarray) -> tuple[int, int]:
    """Return the first time and the one after the last; a second from 0 where there is none.

    Examples:
        >>> finite_span(np.array([5, 9])), finite_span(np.array([]))
        ((5, 10), (0, 1000000))
    """
    return (int(t.min()), int(t.max()) + 1) if len(t) else (0, 1_000_000)
