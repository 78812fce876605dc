"""Draw how many times better than the peers, one bar a row."""

from pathlib import Path

from bench_rows import Row


def draw(path: Path, rows: list[Row]) -> None:
    """Write the bars as a PNG; rows without a peer are left out."""
    from matplotlib.figure import Figure

    compared = [row for row in reversed(rows) if row.ratio is not None]
    figure = Figure(figsize=(8, 0.8 + 0.45 * len(compared)), layout="constrained")
    axes = figure.subplots()
    names = [f"{row.quantity}\nagainst {row.peer_name}" for row in compared]
    bars = axes.barh(names, [row.ratio or 1 for row in compared], color="#3b6ea5", height=0.6)
    axes.bar_label(bars, [f"{row.ratio:.1f}×" for row in compared], padding=4, fontsize=8)
    axes.axvline(1, color="0.3", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlim(0.5, 2.5 * max(row.ratio or 1 for row in compared))
    axes.set_xlabel("times better than the peer (logarithmic)")
    axes.tick_params(axis="y", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
