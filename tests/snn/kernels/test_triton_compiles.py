"""Kernels compile for a GPU that nobody needs to have: an interpreter takes what Triton may not."""

from pathlib import Path
from typing import Any

import pytest

from snn.dynamics import Neuron
from snn.kernels.kinds import Kind, encoded
from snn.testing import NEURONS

triton = pytest.importorskip("triton", reason="Triton is not installed")
from triton.backends.compiler import GPUTarget  # noqa: E402 # where there is a Triton
from triton.compiler import ASTSource  # noqa: E402

from snn.kernels import triton_recurrent, triton_template  # noqa: E402

WHOLE = {"steps", "columns"}
OUTER = {"x_ptr", "y_ptr", "grad_y_ptr", "grad_x_ptr"}
SOME = [(NEURONS[5], "fp32"), (NEURONS[11], "fp16")]
RECURRENT = [(NEURONS[16], "fp64"), (NEURONS[17], "bf16")]


def ptx_of(kernel: Any, outer: str, constants: dict[str, object]) -> str:
    """Compile a kernel for compute capability 9.0, and return its code."""
    inner = "fp64" if outer == "fp64" else "fp32"
    signature: dict[str, str] = {}
    for name in kernel.arg_names:
        if name in constants:
            signature[name] = "constexpr"
        elif name in WHOLE:
            signature[name] = "i32"
        else:
            summed = "fp64" if name == "grad_constants_ptr" else inner
            signature[name] = f"*{outer if name in OUTER else summed}"
    aligned = {(i,): [["tt.divisibility", 16]] for i, name in enumerate(signature) if name in OUTER}
    source = ASTSource(fn=kernel, signature=signature, constexprs=constants, attrs=aligned)
    options = {"num_warps": 4, "enable_fp_fusion": False}
    done = triton.compile(source, target=GPUTarget("cuda", 90, 32), options=options)
    return str(done.asm["ptx"])


@pytest.mark.parametrize(("neuron", "outer"), SOME + RECURRENT)
def test_compiles_without_fused_multiply_add(
    neuron: Neuron, outer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    kind = Kind(*encoded(neuron)[0])._replace(max_spikes=0)
    constants = {"EACH": True, "STRIDE": 64, "BLOCK": 128}
    constants |= {"CHUNK": 16} if neuron.recurrent else {"GROUP": 2}
    kernels: Any = triton_recurrent if neuron.recurrent else triton_template
    forward = ptx_of(
        kernels.forward_kernel, outer, {"KIND": kind._replace(surrogate=0, detached=0), **constants}
    )
    backward = ptx_of(kernels.backward_kernel, outer, {"KIND": kind, "LEARNS": True, **constants})
    for ptx in (forward, backward):
        assert "fma.rn" not in ptx, "spikes would round in another way than those of the reference"
