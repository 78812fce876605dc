"""Calls of operators that go past torch's dispatcher, where nobody looks on.

The dispatcher, and autograd as it knows operators of Python, take longer than a small layer
computes. Calls as they come go straight to the function, by way of `torch.autograd.Function` where
gradients may be asked for; compilers, tracers, modes and transforms see the operator.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

Function: TypeAlias = Callable[..., Any]

_PLAIN = (Tensor, nn.Parameter)


class Operator(NamedTuple):
    """An operator of torch, and the function that it calls on the CPU.

    Args:
        operator: what ``torch.library.custom_op`` made.
        function: what it was made of.
    """

    operator: Any
    function: Function


def differentiable(
    forward: Operator,
    backward: Operator,
    *,
    set_up: Function,
    back: Function,
) -> Function:
    """Tell torch the gradient of an operator; return what calls it, or its function, as is apt.

    Args:
        forward: takes a tensor first.
        backward: takes gradients back.
        set_up: keeps what the way back needs, see ``torch.autograd.Function.setup_context``.
        back: the way back: takes what to call on it, a context and gradients.

    Examples:
        >>> def double(x: Tensor) -> Tensor:
        ...     return 2 * x.detach()
        >>> operator = torch.library.custom_op("doctest::double", double, mutates_args=())
        >>> both = Operator(operator, double)
        >>> call = differentiable(
        ...     both, both, set_up=lambda *_: None, back=lambda call, ctx, grad: call(grad)
        ... )
        >>> x = torch.ones(1, requires_grad=True)
        >>> call(x).backward()
        >>> x.grad
        tensor([2.])
    """
    by_operator, by_function = (partial(back, one) for one in backward)
    forward.operator.register_autograd(by_operator, setup_context=set_up)

    # Not by ``setup_context``: torch would look up the names of all arguments at each call.
    def advance(ctx: Any, *given: Any) -> Any:  # noqa: ANN401 # as the operator
        found = forward.function(*given)
        set_up(ctx, given, found)
        return found

    def retreat(ctx: Any, *gradients: Tensor | None) -> Any:  # noqa: ANN401 # the same
        # Where the gradient of a gradient may be asked for, the operator knows that it has none.
        return (by_operator if torch.is_grad_enabled() else by_function)(ctx, *gradients)

    members = {"forward": staticmethod(advance), "backward": staticmethod(retreat)}
    twin: Any = type(forward.function.__name__, (torch.autograd.Function,), members)

    def call(*given: Any) -> Any:  # noqa: ANN401 # as the operator
        if given[0].device.type != "cpu" or is_watched(*given):
            return forward.operator(*given)
        return twin.apply(*given) if torch.is_grad_enabled() else forward.function(*given)

    return call


def is_watched(*given: object) -> bool:
    """Say whether somebody follows operators: a compiler, a tracer, a mode, a transform, a type.

    Examples:
        >>> from torch.utils.flop_counter import FlopCounterMode
        >>> is_watched(torch.ones(1))
        False
        >>> with FlopCounterMode(display=False):
        ...     is_watched(torch.ones(1))
        True
    """
    if torch.compiler.is_compiling():
        return True
    core = torch._C  # noqa: SLF001 # autograd.Function and torch.jit ask there, too
    if core._get_tracing_state() is not None or core._len_torch_dispatch_stack():  # noqa: SLF001
        return True
    if core._are_functorch_transforms_active():  # noqa: SLF001
        return True
    return any(isinstance(one, Tensor) and type(one) not in _PLAIN for one in given)
