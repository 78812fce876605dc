"""One LIF layer on a GPU, forward and backward: our Triton kernels and SpikingJelly's back ends.

SpikingJelly reads which back end to use when it is imported, so each rival runs in a process of its
own, and these take turns. ``python bench_triton.py ours FOLDER`` measures one of them and writes
what it found, seconds or why there are none, as JSON to standard output; the layer's output and
gradient go to FOLDER, to be compared.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import torch

from bench_data import Bench
from bench_lif_rivals import Pass, compared, our_lif, rival, run_layer
from bench_rows import Row
from bench_timing import Spread

SHAPES = ((16, 300, 512), (32, 100, 2000))
DTYPES = ("float32", "bfloat16")
RIVALS = {
    "ours": "snn.LIF, Triton",
    "triton": "SpikingJelly LIFNode, Triton",
    "cuda": "SpikingJelly LIFNode, CUDA",
    "torch": "SpikingJelly LIFNode, torch",
    "floor": "x * 1.0 forward and backward",
}
SWITCH = "SJ_LIF_CUDA_IMPLEMENTATION"
CALLS = 30
"""How often a process calls a layer in one turn; the first fifth is not counted."""

Found: TypeAlias = dict[str, list[float] | str]
"""Seconds of each call, or why there are none, for each case."""


def measure(bench: Bench) -> list[Row]:
    """Time forward and backward on the GPU; without one there is nothing to measure."""
    if not torch.cuda.is_available():
        sys.stderr.write("  skipped: it needs a GPU that torch.cuda can use, and finds none\n")
        return []
    turns = [
        {name: in_a_process(name, bench.folder) for name in RIVALS} for _ in range(bench.rounds)
    ]
    found = {name: gathered([turn[name] for turn in turns]) for name in RIVALS}
    return rows_of(found, bench.folder)


def rows_of(found: dict[str, Found], folder: Path) -> list[Row]:
    """Return a row for each case and rival; where a rival gave no time, its row says why."""
    return [
        _row(case, name, found, agreement(name, case, folder))
        for case in cases()
        for name in RIVALS
        if name != "ours" and not isinstance(found["ours"][case], str)
    ]


def _row(case: str, name: str, found: dict[str, Found], agree: str) -> Row:
    ours, theirs = found["ours"][case], found[name][case]
    assert not isinstance(ours, str)
    failed = isinstance(theirs, str)
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    note = (
        f"the neurons of lif-layer on a GPU ({gpu}), gradients to the input; SpikingJelly runs "
        "time-major. Each rival has a process of its own; a call ends when the GPU has done it. "
        f"{RIVALS[name]}, {case}: {theirs if failed else agree}."
    )
    return Row(
        name="triton",
        quantity=f"LIF {case} forward and backward on a GPU",
        unit="ms",
        better="lower",
        ours=Spread.of(ours).scaled(1e3),
        peer=None if isinstance(theirs, str) else Spread.of(theirs).scaled(1e3),
        peer_name=RIVALS[name],
        note=note,
    )


def cases() -> list[str]:
    """Return the names of what is measured: a shape and a precision each."""
    return [f"{shape} {dtype}" for shape in SHAPES for dtype in DTYPES]


def gathered(turns: list[Found]) -> Found:
    """Return the seconds of all turns, or the first reason why there are none."""
    whole: Found = {}
    for case in cases():
        seconds: list[float] = []
        for turn in turns:
            one = turn[case]
            if isinstance(one, str):
                whole[case] = one
                break
            seconds += one
        else:
            whole[case] = seconds
    return whole


def agreement(name: str, case: str, folder: Path) -> str:
    """Say how far the spikes and gradients of a rival agree with ours."""
    files = [folder / f"{one} {case}.pt" for one in ("ours", name)]
    if name == "floor" or not all(file.is_file() for file in files):
        return "nothing to compare"
    ours, theirs = (torch.load(file) for file in files)
    return compared(ours, theirs)


def in_a_process(name: str, folder: Path) -> Found:
    """Return what one turn of a rival found."""
    command = [sys.executable, __file__, name, str(folder)]
    settings = os.environ | ({} if name in {"ours", "floor"} else {SWITCH: name})
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True)
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def turn(name: str, folder: Path, place: str) -> Found:
    """Measure one rival in every case."""
    found: Found = {}
    for shape in SHAPES:
        for dtype in DTYPES:
            case = f"{shape} {dtype}"
            try:
                call = rival_on(name, shape, getattr(torch, dtype), place)
                torch.save([one.cpu().float() for one in call()], folder / f"{name} {case}.pt")
                found[case] = timed(call)
            except (RuntimeError, ImportError, NotImplementedError, TypeError) as error:
                # A back end that is not there, or knows no such precision: the row says so.
                found[case] = f"does not run: {str(error).splitlines()[0]}"
    return found


def rival_on(
    name: str, shape: tuple[int, int, int], dtype: torch.dtype, place: str
) -> Callable[[], Pass]:
    """Return a call that does forward and backward of a rival, on a device."""
    generator = torch.Generator().manual_seed(0)
    x = (4 * torch.rand(shape, generator=generator)).to(place, dtype)
    gradient = torch.randn(shape, generator=generator).to(place, dtype)
    if name == "ours":
        return run_layer(our_lif().to(place), x, gradient)
    return rival("floor" if name == "floor" else "spikingjelly", x, gradient)


def timed(call: Callable[[], Pass]) -> list[float]:
    """Return the seconds of each call, until the GPU has done it."""
    seconds = []
    for _ in range(CALLS):
        _wait()
        start = time.perf_counter()
        call()
        _wait()
        seconds.append(time.perf_counter() - start)
    return seconds[CALLS // 5 :]


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == "__main__":
    from bench_peers import refuse_samna

    refuse_samna()
    sys.stdout.write(json.dumps(turn(sys.argv[1], Path(sys.argv[2]), "cuda")) + "\n")
