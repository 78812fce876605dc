"""How figures look: one set of colours, light grids, and PNG at the end."""

import io
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#2660c9", "#d65820", "#2a8a5c", "#777777"


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of a size in inches, drawn without a screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def set_title(axes: "Axes", title: str, *, width: float) -> None:
    """Write a title above a figure of a width in inches, over several lines where it is long."""
    axes.set_title("\n".join(wrap(title, int(11 * width))), fontsize=10)


def tidy(axes: "Axes") -> None:
    """Leave out the frame's upper and right side, and draw light lines to read values by."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#7f7f7f", alpha=0.25, linewidth=0.8)
    axes.set_axisbelow(True)


def as_png(figure: "Figure") -> bytes:
    """Return a figure as a PNG file, at 150 points an inch.

    Examples:
        >>> as_png(new_figure(2, 1))[1:4]
        b'PNG'
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, bbox_inches="tight", pad_inches=0.1)
    return buffer.getvalue()
