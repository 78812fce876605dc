"""What is read and written beyond the last column, in Triton's interpreter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import torch, triton, triton.language as tl
from snn.kernels.triton_memory import load_rows, store_rows

@triton.jit
def move(source, target, COLUMNS: tl.constexpr):
    column = tl.arange(0, 8)
    rows = load_rows(source, 2, COLUMNS, column, COLUMNS)
    store_rows(target, rows, 2, COLUMNS, column, COLUMNS)

source = torch.arange(12.0).view(2, 6)[:, :5].contiguous()
target = torch.full((12,), -1.0)
move[(1,)](source, target, 5)
assert torch.equal(target[:10], source.flatten()), target
assert (target[10:] == -1).all(), target
half = torch.zeros(10, dtype=torch.bfloat16)
move[(1,)](source, half, 5)
assert torch.equal(half, source.flatten().bfloat16()), half
print("done")
"""


def test_rows_are_moved_and_nothing_beyond_them(tmp_path: Path) -> None:
    pytest.importorskip("triton", reason="Triton is not installed: pip install spikelake[gpu]")
    program = tmp_path / "program.py"  # Triton reads the text of its functions
    program.write_text(PROGRAM, encoding="utf-8")
    settings = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(program)]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "done"
