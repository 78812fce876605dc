"""The recurrence as operators of torch: differentiable, traceable, of any precision.

``spikelake::neurons`` has a kernel for each device; autograd, ``torch.compile`` and
``torch.export`` know it by what is registered here. Numbers are computed in float64 if the input
is, else in float32: inputs and outputs of half precision are converted on the way.
"""

import importlib
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dynamics import Neuron
from snn.kernels.direct import Operator
from snn.kernels.gpu import MOST_RECURRENT, check_triton, has_triton
from snn.kernels.kinds import Kind, encoded
from snn.kernels.registration import register
from snn.kernels.scans import scan, scan_back

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def run_fused(
    x: Float[Tensor, "b t s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    weight: Float[Tensor, "n m"] | None = None,
) -> tuple[Float[Tensor, "b t n"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps in one kernel; twin of ``run_reference``.

    Gradients are those of backpropagation through time, in O(T) time and 1/64 tensor of memory.

    Examples:
        >>> one = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> x = torch.full((1, 4, 1, 1), 0.5)
        >>> y, state = run_fused(x, torch.zeros(1, 1, 1), one, Neuron())
        >>> y.flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    kind, numbers = encoded(neuron)
    y, last, _ = _call(x, state, constants, weight, kind, numbers)
    return y, last


def can_fuse(x: Tensor, neuron: Neuron) -> bool:
    """Say whether there is a kernel: on the CPU for all, on CUDA through Triton for most."""
    if x.numel() == 0 or x.dtype not in DTYPES:
        return False
    if x.device.type == "cuda":
        # Compilers of torch cannot look through the door, and need Triton themselves.
        small = not neuron.recurrent or x.shape[-1] <= MOST_RECURRENT
        return small and (torch.compiler.is_compiling() or has_triton())
    return x.device.type == "cpu"


def _neurons(  # noqa: PLR0917 # an operator's autograd takes no keywords
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons: output, state after the last step, and states kept for the way back."""
    return scan(x, state, constants, weight, kind, numbers)


def _neurons_backward(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return gradients to x, to the first state, and where wanted to constants and weight."""
    grads = (grad_y, grad_last)
    return scan_back(grads, x, kept, constants, weight, y, kind, numbers, wants)


neurons = torch.library.custom_op(
    "spikelake::neurons", _neurons, mutates_args=(), device_types="cpu"
)
neurons_backward = torch.library.custom_op(
    "spikelake::neurons_backward", _neurons_backward, mutates_args=(), device_types="cpu"
)


def _scans_on_a_gpu(kind: Sequence[int]) -> Any:  # noqa: ANN401 # one of two modules of a shape
    check_triton()
    name = "triton_recurrent_scans" if Kind(*kind).recurrent else "triton_scans"
    return importlib.import_module(f"snn.kernels.{name}")


@neurons.register_kernel("cuda")
def _(  # noqa: PLR0917 # the same
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    scans = _scans_on_a_gpu(kind)
    found: tuple[Tensor, Tensor, Tensor] = scans.scan(x, state, constants, weight, kind, numbers)
    return found


@neurons_backward.register_kernel("cuda")
def _(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    grads = (grad_y, grad_last)
    found: tuple[Tensor, Tensor, Tensor, Tensor] = _scans_on_a_gpu(kind).scan_back(
        grads, x, kept, constants, weight, y, kind, numbers, wants
    )
    return found


_call = register(
    Operator(neurons, _neurons),
    Operator(neurons_backward, _neurons_backward),
    lambda kind: bool(Kind(*kind).recurrent),
)
