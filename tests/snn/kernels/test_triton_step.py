"""A step's pieces against those of the CPU, in Triton's interpreter: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import torch, triton, triton.language as tl
from snn.dynamics import Neuron
from snn.kernels.kinds import Kind, encoded
from snn.kernels.triton_step import after_reset, count_spikes, spike_slope
from snn.surrogate import SURROGATES

@triton.jit
def step(r_at, numbers_at, out_at, KIND: tl.constexpr):
    at = tl.arange(0, 16)
    r = tl.load(r_at + at)
    numbers = ()
    for k in tl.static_range(8):
        numbers = numbers + (tl.load(numbers_at + k),)
    spikes = count_spikes(r, numbers[7])
    tl.store(out_at + at, spike_slope(r, numbers, KIND))
    tl.store(out_at + 16 + at, spikes)
    tl.store(out_at + 32 + at, after_reset(r, spikes, 1.0 + 0.0 * r, numbers[1], KIND))

r = torch.linspace(-2, 4, 16, dtype=torch.float64)
for reset in ("subtract", "set", "none"):
    for kind in SURROGATES.values():
        surrogate = kind(width=0.4, scale=2.0)
        neuron = Neuron(surrogate=surrogate, reset=reset, v_reset=-0.5)
        whole, numbers = encoded(neuron)
        out = torch.zeros(48, dtype=torch.float64)
        given = torch.tensor([*numbers, 2.0], dtype=torch.float64)
        step[(1,)](r, given, out, Kind(*whole))
        slope, spikes, left = out.split(16)
        torch.testing.assert_close(slope, surrogate.h(r))
        counted = r.floor().clamp(0, 2)
        assert torch.equal(spikes, counted)
        wanted = {
            "subtract": r - counted,
            "set": torch.where(counted > 0, -0.5, r),
            "none": r,
        }[reset]
        torch.testing.assert_close(left, wanted)
print("done")
"""


def test_spikes_slopes_and_resets(tmp_path: Path) -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install spikelake[gpu]")
    program = tmp_path / "program.py"  # Triton reads the text of its functions
    program.write_text(PROGRAM, encoding="utf-8")
    settings = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(program)]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "done"
