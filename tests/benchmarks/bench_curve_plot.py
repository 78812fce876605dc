"""Draw curves as SVG that reads on light and on dark pages, and lays out the same each time."""

from pathlib import Path
from typing import Any

from bench_curves import Curve

OURS, PEERS = "#c2571a", ("#3b6ea5", "#6a8f3c", "#8a5a9e")
# Grey that stands out from white and from black alike.
INK = "#808080"


def draw_curve(path: Path, curve: Curve) -> None:
    """Write one curve: medians as lines, from the 10th to the 90th percentile as a band."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": curve.name, "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.subplots()
        _draw_lines(axes, curve)
        _dress(axes, curve)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _draw_lines(axes: Any, curve: Curve) -> None:
    peers = iter(PEERS)
    for line in curve.lines:
        colour = OURS if line.ours else next(peers)
        along = sorted(line.points)
        spreads = [line.points[x] for x in along]
        axes.plot(
            along,
            [s.median for s in spreads],
            marker="o",
            markersize=4,
            color=colour,
            linewidth=2 if line.ours else 1.4,
            label=line.name,
        )
        low, high = [s.low for s in spreads], [s.high for s in spreads]
        axes.fill_between(along, low, high, color=colour, alpha=0.2, linewidth=0)


def _dress(axes: Any, curve: Curve) -> None:
    axes.patch.set_alpha(0)
    points = sorted({x for line in curve.lines for x in line.points})
    if points[0] > 0 and points[-1] / points[0] > 8:
        axes.set_xscale("log")
    else:
        axes.set_xticks(points)
    axes.set_yscale("log")
    axes.set_xlabel(curve.along, color=INK)
    axes.set_ylabel(curve.unit, color=INK)
    axes.set_title(curve.quantity, color=INK, fontsize=9)
    axes.tick_params(which="both", colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(INK)
    axes.grid(visible=True, color=INK, alpha=0.25, linewidth=0.5)
    axes.legend(frameon=False, labelcolor=INK, fontsize=8)
