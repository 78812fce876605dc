"""What ``spikelake doctor`` says of networks: torch, the GPU, and a step of neurons tried."""

import time
from collections.abc import Sequence

import torch
from torch import Tensor

from eventstore.findings import Finding, Severity, finding_at
from snn.dynamics import Neuron, run_reference
from snn.kernels.gpu import HINT, fault_of, triton_version
from snn.kernels.operators import run_fused

CHECK = "networks"
MOST_OTHER = 1e-3
"""Sums in another order move a spike now and then, by a step: where v is close to the threshold."""


def check_networks() -> list[Finding]:
    """Return what torch computes on, and how a compiled kernel compares with its reference."""
    threads = f"{torch.get_num_threads()} threads"
    torch_says = finding_at(Severity.INFO, "torch", f"{torch.__version__}, {threads}", CHECK)
    return [torch_says, gpu_finding(), try_kernel()]


def gpu_finding() -> Finding:
    """Return whether networks can run on a GPU, and what is missing if there is one."""
    if not torch.cuda.is_available():
        message = "torch finds none; networks run on the processor"
        return finding_at(Severity.INFO, "GPU", message, CHECK)
    names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
    version = triton_version()
    if fault := fault_of(version):
        return finding_at(Severity.WARNING, "GPU", f"{names}; {fault}", CHECK, HINT)
    return finding_at(Severity.INFO, "GPU", f"{names}, Triton {version}", CHECK)


def try_kernel() -> Finding:
    """Return whether the compiled kernel of neurons does what the readable reference does."""
    rng = torch.Generator().manual_seed(0)
    x = 3 * torch.rand(4, 100, 1, 64, generator=rng)
    neuron, state = Neuron(), torch.zeros(4, 1, 64)
    constants = torch.tensor([0.9, 0.1, 1.0, 0.0, 0.0, 0.0])[:, None].expand(6, 64).contiguous()
    fused, seconds = state, []
    for _ in range(2):  # the first time compiles the kernel, or loads its machine code
        start = time.perf_counter()
        fused, _ = run_fused(x, state, constants, neuron)
        seconds.append(time.perf_counter() - start)
    reference, _ = run_reference(x, state, constants, neuron)
    return judge(fused, reference, seconds)


def judge(fused: Tensor, reference: Tensor, seconds: Sequence[float]) -> Finding:
    """Return whether two runs of the same neurons spiked alike.

    Args:
        fused: spikes from the kernel.
        reference: spikes from the loop over time.
        seconds: what the kernel took the first time and the second.
    """
    other = float((fused != reference).float().mean())
    if other > MOST_OTHER or not float(reference.sum()):
        message = f"{other:.1%} of the steps of neurons differ between kernel and reference"
        fix = "do not trust results of this installation; pip install --force-reinstall numba torch"
        return finding_at(Severity.ERROR, "neurons", message, CHECK, fix)
    rate = reference.numel() / seconds[-1] / 1e6
    message = f"kernel and reference spike alike; ready after {seconds[0]:.1f} s, then "
    message += f"{rate:,.0f} million steps of neurons/s"
    return finding_at(Severity.INFO, "neurons", message, CHECK)
