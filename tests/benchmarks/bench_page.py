"""Write docs/benchmarks.md: every row with its verdict, the method, machine and versions."""

import datetime as dt
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench_curve_page import curve_sections
from bench_curves import Curve
from bench_losses import losses
from bench_page_numbers import format_spread, format_target
from bench_rows import Row
from bench_watch import Watch

PACKAGES = (
    "spikelake",
    "litdata",
    "sinabs",
    "spikingjelly",
    "tonic",
    "webdataset",
    "torch",
    "jax",
    "numba",
    "numpy",
    "zarr",
    "pcodec",
)

TEMPLATE = """\
# Benchmarks

Written by `make bench`; do not edit. Each quantity is measured beside its peer in one run.
{warning}
{table}

![How many times better than the peers](img/benchmarks.png)

A bold verdict is measured against the target in the column before it. Ratio: how many times better
than the peer, by the medians. Values in brackets: 10th to 90th percentile.

## What we lose at

Where a target is missed, and where ours is behind what it was measured beside, be it a copy of
memory or another part of ours. This list is made from the figures.

{losses}

## How it scales

Medians, and bands from the 10th to the 90th percentile; axes are logarithmic.

{curves}

## What was measured

{notes}

## Method

- Rivals take turns: each is timed once, then all again, so that whatever else the machine does
  slows all of them alike. Calls before the first timed one compile kernels, fill the peers' caches
  and warm the page cache. {rounds} rounds of epochs, more of what is fast; medians.
- Two threads for all (`OMP_NUM_THREADS=2`), passive waiting (`OMP_WAIT_POLICY=PASSIVE`), which
  favours the peers: with the default, their time loops are several times slower on few cores.
- The peers are installed from their public releases in an environment of their own and used as
  their guides say. Beside training, Tonic loads in the main process: worker processes would compete
  with it for the cores. Batches alone are also timed with two of them, which live from epoch to
  epoch; a memory cache is filled before they begin, so that each has all of it.
- Data: the first 1,000 training recordings of N-MNIST in the public archive's layout, recordings
  of other sensors, and sets that the benchmark makes from a seed.

## Circumstances

| | |
|---|---|
{circumstances}
"""

BUSY = """
!!! warning "Measured on a busy machine"
    Other programs used {busy:.1f} cores meanwhile: values and verdicts are not to be relied on, and
    ratios are lower than on a quiet machine where we use both cores and the peer one.
"""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What else a reader must know: where, when, on what, how long.

    Args:
        facts: rows of a table.
        rounds: how often slow rivals were timed.
        busy: how many cores other programs used meanwhile, on average.
    """

    facts: dict[str, str]
    rounds: int
    busy: float


def circumstances(rounds: int, watch: Watch) -> Circumstances:
    """Look around after the last measurement."""
    busy = watch.others()
    facts = {
        "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC",
        "commit": watch.commit,
        "machine": f"{_cpu()}, {os.cpu_count()} cores, {_memory()}",
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "took": f"{watch.seconds():.0f} s",
        "other programs": f"{busy:.1f} cores on average",
    }
    return Circumstances(facts=facts, rounds=rounds, busy=busy)


def write_page(
    path: Path, rows: list[Row], circumstances: Circumstances, curves: Sequence[Curve] = ()
) -> None:
    """Write the page whole or not at all."""
    head = (
        "| benchmark | quantity | ours | peer | ratio | target | |\n|---|---|---|---|---|---|---|"
    )
    body = "\n".join(_table_row(row) for row in rows)
    notes = dict.fromkeys(f"- **{row.name}**: {row.note}" for row in rows if row.note)
    text = TEMPLATE.format(
        warning=BUSY.format(busy=circumstances.busy) if circumstances.busy > 0.2 else "",
        losses=losses(rows, curves),
        curves=curve_sections(curves) or "No curve was measured this time.",
        table=f"{head}\n{body}",
        notes="\n".join(notes),
        rounds=circumstances.rounds,
        circumstances="\n".join(f"| {k} | {v} |" for k, v in circumstances.facts.items()),
    )
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def format_row(row: Row) -> str:
    """Return a row as one line for the terminal."""
    peer = "" if row.peer is None else f"; {row.peer_name} {format_spread(row.peer)}"
    ratio = "" if row.ratio is None else f"; {row.ratio:.1f}×"
    target = "" if row.target is None else f"; target {format_target(row)} {_verdict(row)}"
    return f"{row.quantity}: {format_spread(row.ours)} {row.unit}{peer}{ratio}{target}"


def _table_row(row: Row) -> str:
    peer = "–" if row.peer is None else f"{format_spread(row.peer)} {row.unit}, {row.peer_name}"
    ratio = "–" if row.ratio is None else f"{row.ratio:.1f}×"
    verdict = f"**{_verdict(row)}**" if row.target else ""
    ours = f"{format_spread(row.ours)} {row.unit}"
    cells = (row.name, row.quantity, ours, peer, ratio, format_target(row) or "–", verdict)
    return f"| {' | '.join(cells)} |"


def _verdict(row: Row) -> str:
    return "pass" if row.passes else "red"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.0f} GiB of memory"
