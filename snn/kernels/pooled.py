"""Neurons whose spikes are averaged over windows: an operator of torch, one pass over memory.

Average pooling after a spiking layer reads every spike once more and writes its gradient once more;
the kernel of `snn.kernels.template` averages spikes as it makes them, and they never go to memory.
Forward and backward are, to the bit, those of the layer followed by ``torch.nn.AvgPool2d``.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from snn.dynamics import Neuron
from snn.kernels.direct import Function, Operator, differentiable
from snn.kernels.kinds import computed, encoded
from snn.kernels.operators import DTYPES
from snn.kernels.pooling import Pool
from snn.kernels.scans import scan, scan_back
from snn.kernels.template import STRIDE


def can_pool(x: Tensor, neuron: Neuron) -> bool:
    """Say whether there is a kernel: on the CPU, for neurons that spike and do not feed back.

    Examples:
        >>> can_pool(torch.ones(1, 1, 1, 1), Neuron())
        True
    """
    right = neuron.spiking and not neuron.recurrent and neuron.n_synapses <= 1
    return right and x.device.type == "cpu" and x.dtype in DTYPES and x.numel() > 0


def run_pooled(
    x: Float[Tensor, "b t s n"],
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    pool: Pool,
) -> tuple[Float[Tensor, "b t m"], Float[Tensor, "b k n"]]:
    """Advance neurons over all time steps, and average their spikes over windows.

    Args:
        x: inputs of neurons in the order ``(H, W, C)``.
        state: state before the first step.
        constants: one column for all neurons, or one each.
        neuron: what one step consists of.
        pool: the windows.

    Examples:
        >>> one = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> x = torch.tensor([1.0, 0.0, 1.0, 1.0]).view(1, 1, 1, 4)
        >>> y, _ = run_pooled(x, torch.zeros(1, 1, 4), one, Neuron(), Pool((2, 2), (2, 2, 1)))
        >>> y.flatten().tolist()
        [0.75]
    """
    kind, numbers = encoded(neuron)
    sizes = [*pool.kernel, *pool.size]
    y, last, _ = _call(x, state, constants, kind, numbers, sizes)
    return y, last


def _neurons_pooled(  # noqa: PLR0917 # an operator's autograd takes no keywords
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    pool: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons: averages, state after the last step, and states kept for the way back."""
    return scan(x, state, constants, None, kind, numbers, _pool(pool))


def _neurons_pooled_backward(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    pool: Sequence[int],
    learns: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return gradients to x, to the first state, and where wanted to constants."""
    grads, wants = (grad_y, grad_last), (learns, False)
    back = scan_back(grads, x, kept, constants, None, None, kind, numbers, wants, _pool(pool))
    return back[:3]


neurons_pooled = torch.library.custom_op(
    "spikelake::neurons_pooled", _neurons_pooled, mutates_args=(), device_types="cpu"
)
neurons_pooled_backward = torch.library.custom_op(
    "spikelake::neurons_pooled_backward",
    _neurons_pooled_backward,
    mutates_args=(),
    device_types="cpu",
)


@neurons_pooled.register_fake
def _(  # noqa: PLR0917 # the same
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    pool: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor]:
    batch, steps = x.shape[:2]
    n_kept = (steps + STRIDE - 1) // STRIDE
    kept = x.new_empty(batch, n_kept, *state.shape[1:], dtype=computed(x.dtype))
    return x.new_empty(batch, steps, _pool(pool).n_out), state.new_empty(state.shape), kept


@neurons_pooled_backward.register_fake
def _(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    pool: Sequence[int],
    learns: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    grad_constants = constants.new_empty(constants.shape if learns else 0)
    return x.new_empty(x.shape), kept.new_empty(x.shape[0], *kept.shape[2:]), grad_constants


def _set_up(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:  # noqa: ANN401
    x, _, constants, *ctx.options = inputs
    ctx.save_for_backward(x, output[2], constants)
    ctx.set_materialize_grads(False)


def _back(
    call: Function,
    ctx: Any,  # noqa: ANN401
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    _: Tensor | None,
) -> tuple[Tensor | None, ...]:
    learns = ctx.needs_input_grad[2]
    grad_x, grad_state, grad_constants = call(
        grad_y, grad_last, *ctx.saved_tensors, *ctx.options, learns
    )
    return grad_x, grad_state, grad_constants if learns else None, None, None, None


_call = differentiable(
    Operator(neurons_pooled, _neurons_pooled),
    Operator(neurons_pooled_backward, _neurons_pooled_backward),
    set_up=_set_up,
    back=_back,
)


def _pool(sizes: Sequence[int]) -> Pool:
    high, wide, rows, columns, channels = sizes
    return Pool((high, wide), (rows, columns, channels))
