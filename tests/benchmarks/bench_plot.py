"""Draw how many times better than the peers, one bar a row."""

from pathlib import Path

from bench_rows import Row


def draw(path: Path, rows: list[Row]) -> None:
    """Write the bars as a PNG; rows without a peer are left out."""
    from matplotlib.figure import Figure

    compared = [(row, row.ratio) for row in reversed(rows) if row.ratio is not None]
    ratios = [ratio for _, ratio in compared]
    figure = Figure(figsize=(8, 0.8 + 0.45 * len(compared)), layout="constrained")
    axes = figure.subplots()
    places = range(len(compared))
    # Bars grow from 1, which is where the peer stands, to the right if we are better. Figures stand
    # to their right, also where we are behind: to the left are the names.
    colors = ["#3b6ea5" if ratio >= 1 else "#b5483a" for ratio in ratios]
    axes.barh(places, [ratio - 1 for ratio in ratios], left=1, color=colors, height=0.6)
    for place, ratio in zip(places, ratios, strict=True):
        end, apart = (max(ratio, 1), place), (4, 0)
        label = f"{ratio:.1f}×"
        axes.annotate(label, end, apart, textcoords="offset points", va="center", fontsize=8)
    axes.set_yticks(
        places, [f"{row.quantity}\nagainst {row.peer_name}" for row, _ in compared], fontsize=7
    )
    axes.set_ylim(-0.6, len(compared) - 0.4)
    axes.axvline(1, color="0.3", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xlim(min([0.8, *(0.7 * r for r in ratios)]), 2 * max([1, *ratios]))
    axes.xaxis.set_major_formatter("{x:g}×")
    axes.set_xlabel("times better than the peer (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})
