"""The fused recurrence as a differentiable function of tensors."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor
from torch.autograd.function import once_differentiable

from snn.dynamics import Dynamics
from snn.kernels.template import STRIDE, Variant, backward_kernel, forward_kernel
from snn.kernels.threads import run_parts
from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential, Surrogate


def run_fused(
    x: Float32[Tensor, "b t n"], v_mem: Float32[Tensor, "b n"], dynamics: Dynamics
) -> tuple[Float32[Tensor, "b t n"], Float32[Tensor, "b n"]]:
    """Advance neurons over all time steps in one kernel; twin of ``run_reference``.

    Gradients are those of backpropagation through time, in O(T) time and 1/64 tensor of memory.

    Examples:
        >>> y, v = run_fused(torch.full((1, 4, 1), 0.5), torch.zeros(1, 1), Dynamics())
        >>> y.flatten().tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    y, v_last = _Fused.apply(x.contiguous(), v_mem.contiguous(), dynamics)  # type: ignore[no-untyped-call]
    return y, v_last


def can_fuse(x: Tensor, v_mem: Tensor, dynamics: Dynamics) -> bool:
    """Say whether the kernel serves these: float32 on the CPU, a surrogate it knows."""
    plain = x.dtype == v_mem.dtype == torch.float32 and x.device.type == "cpu"
    return plain and x.numel() > 0 and type(dynamics.surrogate) in _SLOPES


def variant_of(dynamics: Dynamics) -> Variant:
    """Return which compiled kernel a neuron needs; what does not matter is set to one value."""
    spiking = dynamics.spike_threshold is not None
    return Variant(
        spiking=spiking,
        to_zero=spiking and dynamics.reset == "zero",
        single=spiking and dynamics.spikes == "single",
        bounded=dynamics.min_v_mem is not None,
        surrogate=dynamics.surrogate.code if spiking else 0,
    )


def _slope_of_exponential(s: Surrogate, threshold: float) -> tuple[float, float]:
    width = s.width * threshold
    return 1 / width, s.scale / width


# How each surrogate's fields become the kernel's two numbers: reach and height.
_SLOPES: dict[type[Surrogate], Callable[[Surrogate, float], tuple[float, float]]] = {
    SingleExponential: _slope_of_exponential,
    PeriodicExponential: lambda s, _: (1 / s.width, s.scale),
    Heaviside: lambda s, threshold: (s.width, s.scale / threshold),
}


def _numbers(dynamics: Dynamics) -> Float32[np.ndarray, " six"]:
    threshold = dynamics.spike_threshold or 1.0
    slope = _SLOPES[type(dynamics.surrogate)](dynamics.surrogate, threshold)
    v_min = dynamics.min_v_mem or 0.0
    return np.array([dynamics.alpha, dynamics.gain, threshold, v_min, *slope], np.float32)


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, v_mem: Tensor, dynamics: Dynamics) -> tuple[Tensor, Tensor]:  # noqa: ANN401
        rows, steps, columns = x.shape
        y, v_last = torch.empty_like(x), torch.empty_like(v_mem)
        v_kept = x.new_empty(rows, -(-steps // STRIDE), columns)
        scan = forward_kernel(replace(variant_of(dynamics), surrogate=0))
        numbers = _numbers(dynamics)
        first, kept, last = v_mem.detach().numpy(), v_kept.numpy(), v_last.numpy()
        source, target = x.detach().numpy(), y.numpy()
        run_parts(
            rows,
            columns,
            steps,
            lambda part: scan(source, first, numbers, part, target, kept, last),
        )
        ctx.save_for_backward(x, v_kept)
        ctx.set_materialize_grads(False)
        ctx.dynamics = dynamics
        return y, v_last

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401
        grad_y: Tensor | None,
        grad_v: Tensor | None,
    ) -> tuple[Tensor, Tensor, None]:
        x, v_kept = ctx.saved_tensors
        rows, steps, columns = x.shape
        grad_x = torch.empty_like(x)
        grad_y = torch.zeros_like(x) if grad_y is None else grad_y.contiguous()
        grad_first = x.new_zeros(rows, columns) if grad_v is None else grad_v.clone()
        grad_first = grad_first.contiguous()
        scan = backward_kernel(variant_of(ctx.dynamics))
        numbers = _numbers(ctx.dynamics)
        source, kept, g = x.numpy(), v_kept.numpy(), grad_y.numpy()
        gx, gv = grad_x.numpy(), grad_first.numpy()
        run_parts(
            rows,
            columns,
            steps,
            lambda part: scan(source, kept, numbers, part, g, gx, gv),
        )
        return grad_x, grad_first, None
