"""Run all benchmarks once and write docs/benchmarks.md; started by ``run.py``.

python tests/benchmarks/run.py                  everything, writes the page
python tests/benchmarks/run.py lif-layer        only these, prints, writes nothing
python tests/benchmarks/run.py --rounds 3       fewer repetitions
"""

import argparse
import importlib
import sys
import tempfile
import warnings
from pathlib import Path

from bench_curve_plot import draw_curve
from bench_curves import Curve
from bench_data import Bench, NoDataError, check_data
from bench_environment import ROOT
from bench_page import circumstances, format_row, write_page
from bench_page_numbers import format_spread
from bench_peers import refuse_samna
from bench_plot import draw
from bench_rows import Row
from bench_watch import Watch

BENCHMARKS = {
    "chip-simulator": "bench_chip_simulator",
    "clips": "bench_clips",
    "codecs": "bench_codecs",
    "conv-epoch": "bench_conv_epoch",
    "conv-lif-step": "bench_conv_step",
    "data-wait": "bench_data_wait",
    "dpi": "bench_dpi",
    "frame-cache": "bench_frame_cache",
    "front-ends": "bench_front_ends",
    "generated-set": "bench_generated",
    "lif-call": "bench_lif_call",
    "lif-layer": "bench_lif_layer",
    "lif-long": "bench_lif_long",
    "lif-memory": "bench_lif_memory",
    "lif-recurrent": "bench_lif_recurrent",
    "mixing": "bench_mixing",
    "nmnist-batches": "bench_nmnist_batches",
    "random-sample": "bench_random_sample",
    "readers": "bench_readers",
    "store-size": "bench_store_size",
    "to-accuracy": "bench_to_accuracy",
    "triton": "bench_triton",
    "version-save": "bench_version_save",
    "xylo-simulator": "bench_xylo_simulator",
}

CURVES = {
    "scaling-events": "bench_scaling_events",
    "scaling-recordings": "bench_scaling_recordings",
    "scaling-workers": "bench_scaling_workers",
    "scaling-steps": "bench_scaling_steps",
    "scaling-batch": "bench_scaling_batch",
}
"""Curves: their modules measure one or several `Curve`, not rows."""

ALL = (*BENCHMARKS, *CURVES)

WITHOUT_RECORDINGS = {
    "chip-simulator", "dpi", "front-ends", "lif-call", "lif-layer", "lif-long", "lif-memory",
    "lif-recurrent", "scaling-events", "scaling-recordings", "scaling-steps", "triton",
    "xylo-simulator",
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Measure what was asked for; return 0 if all of it could be measured."""
    asked = _parse(arguments)
    try:
        if not WITHOUT_RECORDINGS.issuperset(asked.names or ALL):
            check_data()
    except NoDataError as error:
        _say(f"error: {error}")
        return 1
    refuse_samna()
    warnings.filterwarnings("ignore", message="Numcodecs codecs are not in the Zarr version 3")
    watch = Watch()
    rows: list[Row] = []
    curves: list[Curve] = []
    with tempfile.TemporaryDirectory(prefix="spikelake-bench-") as folder:
        bench = Bench(folder=Path(folder), rounds=asked.rounds)
        for name in asked.names or ALL:
            _say(f"{name} …")
            if name in CURVES:
                curves += _curves(name, bench)
            else:
                rows += _rows(name, bench)
    if asked.names:
        return 0
    page = ROOT / "docs" / "benchmarks.md"
    draw(page.parent / "img" / "benchmarks.png", rows)
    for curve in curves:
        draw_curve(page.parent / "img" / f"{curve.name}.svg", curve)
    write_page(page, rows, circumstances(asked.rounds, watch), curves)
    _say(f"wrote {page.relative_to(ROOT)}")
    return 0


def _rows(name: str, bench: Bench) -> list[Row]:
    measured: list[Row] = importlib.import_module(BENCHMARKS[name]).measure(bench)
    for row in measured:
        _say(f"  {format_row(row)}")
    return measured


def _curves(name: str, bench: Bench) -> list[Curve]:
    measured: list[Curve] = importlib.import_module(CURVES[name]).measure(bench)
    for curve in measured:
        _say(f"  {curve.quantity}, {curve.unit}, by {curve.along}")
        for line in curve.lines:
            points = ", ".join(f"{x:,g}: {format_spread(y)}" for x, y in line.points.items())
            _say(f"    {line.name}: {points}")
    return measured


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="only these")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of slow rivals")
    return parser.parse_args(arguments)


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
