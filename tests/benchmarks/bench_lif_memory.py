"""Memory that one LIF layer needs at its peak, beyond input and output gradient it is given.

Each rival runs in a process of its own, because freed memory of one would hide what another takes:
``python bench_lif_memory.py ours`` prints its MiB.
"""

import re
import subprocess
import sys
from pathlib import Path

import torch

from bench_data import Bench
from bench_lif_rivals import NAMES, rival
from bench_rows import Row, Target
from bench_timing import Spread

SHAPE = (32, 100, 2000)
RIVALS = ("ours", "sinabs", "spikingjelly", "jax")
OVER_OUTPUTS = 1.05


def measure(bench: Bench) -> list[Row]:
    """Read the high-water mark of resident memory around one forward and backward pass."""
    mib = {name: Spread.of([_in_a_process(name) for _ in range(bench.rounds)]) for name in RIVALS}
    tensor = torch.zeros(SHAPE, device="meta").nbytes / 2**20
    bound = round(OVER_OUTPUTS * 2 * tensor, 1)
    return [
        Row(
            name="lif-memory",
            quantity=f"LIF {SHAPE} forward and backward, peak extra memory",
            unit="MiB",
            better="lower",
            ours=mib["ours"],
            peer=mib[name],
            peer_name=NAMES[name],
            target=Target(of="ours", bound=bound) if name == "sinabs" else None,
            note=(
                "resident memory beyond input and output gradient, of the layers of lif-layer; one "
                f"tensor takes {tensor:.1f} MiB, so output and input gradient alone are twice "
                f"that: {2 * tensor:.1f}. JAX's holds what compiling took."
            ),
        )
        for name in RIVALS[1:]
    ]


def _in_a_process(name: str) -> float:
    command = [sys.executable, __file__, name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def peak_extra_mib(name: str) -> float:
    """Return what one pass of a layer takes at its peak, in MiB."""
    small = torch.rand(2, 20, 16)
    rival(name, small, small)()  # compile and allocate what stays
    x, gradient = 2 * torch.rand(SHAPE), torch.randn(SHAPE)
    run = rival(name, x, gradient)
    Path("/proc/self/clear_refs").write_text("5")  # start a new high-water mark
    before = _status_mib("VmRSS")
    kept = run()
    peak = _status_mib("VmHWM") - before
    del kept
    return peak


def _status_mib(key: str) -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(rf"{key}:\s+(\d+) kB", status)
    assert found, f"the kernel reports no {key}"
    return int(found[1]) / 1024


if __name__ == "__main__":
    from bench_peers import refuse_samna

    refuse_samna()
    sys.stdout.write(f"{peak_extra_mib(sys.argv[1])}\n")
