"""What torch must know of an operator that advances neurons: shapes, and the way back.

Operators of all kinds of neurons are alike: forward from ``(x, state, constants, weight, kind,
numbers)`` to output, last state and states kept; backward from their gradients and what was kept to
the gradients to x, state, constants and weight, the last two only where wanted.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from snn.kernels.direct import Function, Operator, differentiable
from snn.kernels.kinds import computed
from snn.kernels.template import STRIDE


def register(
    forward: Operator, backward: Operator, recurs: Callable[[Sequence[int]], bool]
) -> Function:
    """Tell torch the shapes of both operators, and that one is the gradient of the other.

    Returns what calls the forward one, see `snn.kernels.direct`.

    Args:
        forward: operator from inputs to ``(y, last, kept)``.
        backward: operator from ``(grad_y, grad_last, x, kept, constants, weight, y, kind, numbers,
            wants)`` to gradients.
        recurs: says of a kind whether its spikes go back to its inputs.
    """
    forward.operator.register_fake(_shapes)
    backward.operator.register_fake(_shapes_backward)

    def set_up(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:  # noqa: ANN401
        x, _, constants, weight, kind, numbers = inputs
        y, _, kept = output
        ctx.save_for_backward(x, kept, constants, weight, y if recurs(kind) else None)
        ctx.kind, ctx.numbers = kind, numbers
        ctx.set_materialize_grads(False)

    return differentiable(forward, backward, set_up=set_up, back=_back)


def _back(
    call: Function,
    ctx: Any,  # noqa: ANN401
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    _: Tensor | None,
) -> tuple[Tensor | None, ...]:
    wants = [ctx.needs_input_grad[2], ctx.needs_input_grad[3]]
    grads = call(grad_y, grad_last, *ctx.saved_tensors, ctx.kind, ctx.numbers, wants)
    grad_x, grad_state, grad_constants, grad_weight = grads
    learnt, woven = grad_constants if wants[0] else None, grad_weight if wants[1] else None
    return grad_x, grad_state, learnt, woven, None, None


def _shapes(  # noqa: PLR0917 # an operator's autograd takes no keywords
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
) -> tuple[Tensor, Tensor, Tensor]:
    batch, steps, columns = x.shape[0], x.shape[1], x.shape[-1]
    n_kept = (steps + STRIDE - 1) // STRIDE
    kept = x.new_empty(batch, n_kept, *state.shape[1:], dtype=computed(x.dtype))
    return x.new_empty(batch, steps, columns), _like(state), kept


def _shapes_backward(  # noqa: PLR0917 # the same
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
    learns, recurs = wants
    grad_constants = _like(constants) if learns else constants.new_empty(0)
    grad_weight = _like(weight) if recurs and weight is not None else x.new_empty(0)
    return _like(x), kept.new_empty(x.shape[0], *kept.shape[2:]), grad_constants, grad_weight


def _like(tensor: Tensor) -> Tensor:
    return torch.empty_like(tensor, memory_format=torch.contiguous_format)
