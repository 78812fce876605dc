"""A robustness report as files: JSON for programs, a page of Markdown and a plot for people."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from eventstore.durable import DurableFolder
from eventstore.plot.looks import INK, row_of_axes
from snn.figures import new_figure, tidy
from snn.robustness.curves import Curve
from snn.robustness_of_runs.report import RecipeCurves, RobustnessReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#2660c9", "#d65820", "#2a8a5c", "#8b5cb8", "#8a6d1a")
"""One colour for each recipe, told apart also by its marker."""

MARKERS = "osD^v"

Part: TypeAlias = tuple[str, str, str, float]
"""Name of a curve, its heading, what its strength is, and the factor to that unit."""


def parts_of(report: RobustnessReport) -> tuple[Part, ...]:
    """Return what the report is of."""
    groups = [name.replace("_", " ") for name in report.options.mismatches[0].groups]
    deviate = " and ".join(filter(None, (", ".join(groups[:-1]), groups[-1])))
    return (
        ("mismatch", "Mismatch", f"σ of {deviate} (%)", 100.0),
        ("jitter", "Jitter of events", "σ of the time of each event (ms)", 1e-3),
        ("drop", "Lost events", "share of events lost (%)", 100.0),
    )


def write_report(report: RobustnessReport, out: Path) -> list[Path]:
    """Write ``robustness.json``, ``robustness.md`` and ``robustness.png``; return their paths.

    Args:
        report: the report.
        out: folder, made where absent; a report that is there already is replaced.
    """
    folder = DurableFolder(out)
    document = json.dumps(report.to_dict(), indent=1, ensure_ascii=False) + "\n"
    folder.stage("robustness.json", [document.encode()])
    folder.stage("robustness.md", [report_page(report).encode()])
    folder.stage("robustness.png", [report_plot(report)])
    folder.settle()
    return [out / f"robustness.{kind}" for kind in ("json", "md", "png")]


def report_page(report: RobustnessReport) -> str:
    """Return the report as Markdown: a table for each curve, accuracies in per cent."""
    lines = [
        "# Robustness",
        "",
        f"Tested on {_tested(report)} `{report.fold}` of `{report.task}`.",
        "Each cell: mean accuracy in per cent over runs and draws, and in brackets the 5th and the",
        "95th percentile of single draws.",
    ]
    for name, heading, axis, factor in parts_of(report):
        lines += ["", f"## {heading}", "", *_table(report.recipes, name, axis, factor)]
    lines += ["", "## Runs", ""]
    for one in report.recipes:
        method = one.method or "plain training"
        lines.append(f"- {one.recipe} ({method}, recipe `{one.digest[:16]}`): {_runs(one)}")
    lines += ["", "![accuracy over mismatch, jitter and lost events](robustness.png)", ""]
    return "\n".join(lines)


def _runs(one: RecipeCurves) -> str:
    return ", ".join(f"`{run}`" for run in one.runs)


def _table(recipes: Sequence[RecipeCurves], name: str, axis: str, factor: float) -> list[str]:
    lines = [
        f"| {axis} | " + " | ".join(one.recipe for one in recipes) + " |",
        "|---|" + "---|" * len(recipes),
    ]
    curves = [curve_named(one, name) for one in recipes]
    for points in zip(*curves, strict=True):
        cells = [f"{100 * p.mean:.1f} ({100 * p.low:.0f}–{100 * p.high:.0f})" for p in points]
        lines.append(f"| {factor * points[0].strength:g} | " + " | ".join(cells) + " |")
    return lines


def curve_named(one: RecipeCurves, name: str) -> Curve:
    """Return a recipe's curve by the names in `parts_of`."""
    return {"mismatch": one.mismatch, "jitter": one.jitter, "drop": one.drop}[name]


def report_plot(report: RobustnessReport) -> bytes:
    """Return a PNG of the three curves side by side, means with bands."""
    figure = new_figure(10.5, 3.9)
    panels = figure.subplots(1, len(parts_of(report)), sharey=True)
    draw_robustness(report, axes=panels)
    figure.suptitle(_caption(report), fontsize=9, color="#555555")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()


def draw_robustness(
    report: RobustnessReport, *, axes: "Sequence[Axes] | None" = None
) -> "tuple[Axes, ...]":
    """Draw accuracy over mismatch, jitter and lost events: means, and 5th to 95th percentile.

    Args:
        report: what `snn.robustness_report` returned.
        axes: three to draw on; new ones where None.

    Returns: the axes of each curve.

    Raises:
        InvalidInput: another number of axes is given.
    """
    parts = parts_of(report)
    panels = row_of_axes(axes, len(parts), size=(10.5, 3.6), sharey=True)
    for panel, (name, heading, axis, factor) in zip(panels, parts, strict=True):
        _draw(panel, report.recipes, name, factor)
        panel.set_title(heading, fontsize=10)
        panel.set_xlabel(axis, fontsize=9)
    panels[0].set_ylabel("accuracy (%)")
    colour = INK if axes is None else None
    panels[0].legend(frameon=False, loc="lower left", fontsize=9, labelcolor=colour)
    return panels


def _caption(report: RobustnessReport) -> str:
    counts = sorted({len(one.runs) for one in report.recipes})
    runs = " or ".join(map(str, counts)) + (" run" if counts == [1] else " runs")
    options = report.options
    return (
        f"{report.task}, {_tested(report)} {report.fold}\n"
        "mean (line) and 5th to 95th percentile (band) "
        f"of {runs}, each with {options.n_draws} chips or {options.n_event_draws} draws of events"
    )


def _tested(report: RobustnessReport) -> str:
    limit = report.options.limit
    return f"{limit} samples of fold" if limit else "fold"


def _draw(axes: "Axes", recipes: Sequence[RecipeCurves], name: str, factor: float) -> None:
    for i, one in enumerate(recipes):
        curve = curve_named(one, name)
        colour = COLOURS[i % len(COLOURS)]
        at = [factor * point.strength for point in curve]
        low, high = (
            [100 * v for v in b] for b in zip(*((p.low, p.high) for p in curve), strict=True)
        )
        axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
        means = [100 * point.mean for point in curve]
        marker = MARKERS[i % len(MARKERS)]
        axes.plot(at, means, marker, ls="-", color=colour, markersize=4, label=one.recipe)
    tidy(axes)
