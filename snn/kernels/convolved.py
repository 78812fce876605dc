"""Neurons behind a convolution of maps that are mostly zeros: an operator of torch, in cache.

What a convolution puts out and neurons take in is the largest tensor of most networks, and its
gradient is as large. Layer by layer, each goes to memory and comes back. Here a thread does one
sample after the other: neurons read what was just convolved, and the gradient to that lies in
memory for one sample, from which the gradient of kernels is taken before it is written over. It
never is a tensor. No new arithmetic: these are the kernels of `snn.kernels.sparse_convolution` and
`snn.kernels.pooled`, in another order.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron
from snn.kernels.buffers import empty
from snn.kernels.direct import Function, Operator, differentiable
from snn.kernels.kinds import Kind, encoded
from snn.kernels.lines import Window
from snn.kernels.membrane import Array
from snn.kernels.pooled import can_pool
from snn.kernels.pooling import Pool
from snn.kernels.scans import (
    array,
    backward_of,
    forward_of,
    membrane_numbers,
    no_weight,
    ready,
    slope_numbers,
    summed,
)
from snn.kernels.sparse_convolution import (
    Convolution,
    cut_in_pieces,
    geometry_in_memory,
    maps_in_rows,
    packed,
    unpacked,
)
from snn.kernels.sparse_kernels import Geometry, gather, spread
from snn.kernels.template import STRIDE
from snn.kernels.threads import run_columns

FEWEST_SAMPLES = 16
"""Below which threads would be without work: a sample is done by one of them."""


def can_convolve(
    x: Tensor, convolution: Convolution, neuron: Neuron, window: tuple[int, int]
) -> bool:
    """Say whether neurons behind a convolution that skips zeros can be run with it, and gain by it.

    Args:
        x: maps, ``(B, T, C, H, W)``.
        convolution: one that can skip zeros of these maps.
        neuron: what one step consists of.
        window: rows and columns that are averaged.

    Examples:
        >>> one = Convolution(torch.ones(1, 1, 1, 1), None)
        >>> [can_convolve(torch.ones(n, 1, 1, 2, 2), one, Neuron(), (2, 2)) for n in (1, 16)]
        [False, True]
    """
    if x.requires_grad or len(x) < FEWEST_SAMPLES or not can_pool(x, neuron):
        return False
    return _plan(x, convolution.weight, _sizes(convolution, window))[1].n_out > 0


def run_convolved(
    x: Float[Tensor, "b t c h w"],
    convolution: Convolution,
    state: Float[Tensor, "b k n"],
    constants: Float[Tensor, "p n"],
    neuron: Neuron,
    *,
    window: tuple[int, int],
) -> tuple[Float[Tensor, "b t m"], Float[Tensor, "b k n"]]:
    """Convolve maps, advance neurons over all time steps, and average their spikes over windows.

    Args:
        x: maps, which take no gradient.
        convolution: what they go through.
        state: of the neurons before the first step, in the order ``(H, W, C)``.
        constants: one column for all neurons, or one each.
        neuron: what one step consists of; one that `snn.kernels.pooled.can_pool`.
        window: rows and columns that are averaged.

    Examples:
        >>> one = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
        >>> x = torch.tensor([1.0, 0.0, 0.0, 1.0]).view(1, 1, 1, 2, 2)
        >>> doubles = Convolution(torch.full((1, 1, 1, 1), 2.0), None)
        >>> run_convolved(x, doubles, torch.zeros(1, 1, 4), one, Neuron(), window=(2, 2))[0].item()
        1.0
    """
    kind, numbers = encoded(neuron)
    given = (x, convolution.weight, convolution.bias, state, constants)
    y, last, *_ = _call(*given, kind, numbers, _sizes(convolution, window))
    return y, last


def _convolved_neurons(  # noqa: PLR0917 # an operator's autograd takes no keywords
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    state: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    sizes: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return averages, state after the last step, states kept, and inputs of the neurons."""
    geometry, pool = _plan(x, weight, sizes)
    batch, steps, n = *x.shape[:2], _neurons(geometry)
    maps = array(maps_in_rows(x.flatten(0, 1)))
    kernels = array(packed(weight, geometry).reshape(-1))
    start = array(weight.new_zeros(0) if bias is None else bias.detach().contiguous())
    inputs = empty((batch, steps, 1, n), x.dtype)
    y = empty((batch, steps, pool.n_out), x.dtype)
    first, rows = ready(state, x), ready(constants, x)
    last = torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), *first.shape[1:])
    given = [array(one) for one in (inputs, first, rows)]
    taken = [array(one) for one in (y, kept, last)]
    convolved = given[0].reshape(batch * steps, n)
    which = Kind(*kind)
    run = forward_of(which, given[2], pooled=True)
    fixed = membrane_numbers(which, numbers, given[0].dtype)

    def work(samples: tuple[int, int]) -> None:
        for b in range(*samples):
            spread(maps, kernels, start, convolved, geometry, (b * steps, (b + 1) * steps))
            run(*given, fixed, no_weight(rows.dtype), (b, b + 1, 0, n), pool.window, *taken)

    run_columns(batch, inputs.numel(), work)
    return y, last.to(state.dtype), kept, inputs


def _convolved_neurons_backward(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    weight: Tensor,
    inputs: Tensor,
    kept: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    sizes: Sequence[int],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return gradients to weight, the first state, and where wanted to bias and constants."""
    to_bias, learns = wants
    geometry, pool = _plan(x, weight, sizes)
    batch, steps, n = *x.shape[:2], _neurons(geometry)
    maps = array(maps_in_rows(x.flatten(0, 1)))
    rows = ready(constants, x)
    g = x.new_zeros(batch, steps, pool.n_out) if grad_y is None else ready(grad_y, x)
    grad_state = kept.new_zeros(batch, *kept.shape[2:])
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_rows = torch.zeros(batch, rows.shape[0], n if learns else 1, dtype=torch.float64)
    pieces = cut_in_pieces(batch, weight)
    of_weight = weight.new_zeros(len(pieces), weight.numel())
    of_bias = torch.zeros(len(pieces), geometry.outputs if to_bias else 0, dtype=torch.float64)
    sums, sums_of_bias = array(of_weight), array(of_bias)
    back = _scan_of_samples(
        (inputs, kept, rows, g), (grad_state, grad_rows), kind, numbers, pool.window, learns=learns
    )

    def work(part: tuple[int, int]) -> None:
        of_one = array(empty((1, steps, 1, n), x.dtype))
        frames = of_one.reshape(steps, n)
        for piece in range(*part):
            for b in range(*pieces[piece]):
                back(b, of_one)
                gather(maps[b * steps : (b + 1) * steps], frames, sums[piece], geometry, (0, steps))
                if to_bias:  # steps first: those are long rows
                    pixels = frames.sum(0).reshape(-1, geometry.outputs)
                    sums_of_bias[piece] += pixels.sum(0, dtype=np.float64)

    run_columns(len(pieces), inputs.numel(), work)
    return (
        unpacked(of_weight.sum(0), geometry),
        of_bias.sum(0).to(weight.dtype),
        grad_state,
        summed(grad_rows, constants, learns),
    )


def _scan_of_samples(  # as the kernel that it calls
    given: tuple[Tensor, Tensor, Tensor, Tensor],
    taken: tuple[Tensor, Tensor],
    kind: Sequence[int],
    numbers: Sequence[float],
    window: Window,
    *,
    learns: bool,
) -> Callable[[int, Array], None]:
    """Return a call that takes the gradients of one sample back to what its neurons took in.

    Args:
        given: what neurons took in, states kept, constants, gradients to averages.
        taken: take the gradients to the first state, and to constants.
        kind: of the neurons.
        numbers: of the neurons.
        window: windows that are averaged.
        learns: whether gradients to the constants are wanted.
    """
    inputs, kept, rows, grad_y = (array(one) for one in given)
    grad_state, grad_rows = (array(one) for one in taken)
    which, n = Kind(*kind), inputs.shape[3]
    run = backward_of(which, rows, learns=learns, pooled=True)
    fixed = membrane_numbers(which, numbers, inputs.dtype)
    options = (fixed, slope_numbers(numbers, inputs.dtype), no_weight(given[2].dtype), (0, 1, 0, n))

    def back(b: int, grad_x: Array) -> None:
        one = slice(b, b + 1)
        into = (grad_y[one], grad_x, grad_state[one], grad_rows[one])
        run(inputs[one], kept[one], rows, *options, window, *into)

    return back


convolved_neurons = torch.library.custom_op(
    "spikelake::convolved_neurons", _convolved_neurons, mutates_args=(), device_types="cpu"
)
convolved_neurons_backward = torch.library.custom_op(
    "spikelake::convolved_neurons_backward",
    _convolved_neurons_backward,
    mutates_args=(),
    device_types="cpu",
)


@convolved_neurons.register_fake
def _(  # noqa: PLR0917 # the same
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    state: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    sizes: Sequence[int],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    del bias, constants, kind, numbers
    geometry, pool = _plan(x, weight, sizes)
    batch, steps = x.shape[:2]
    kept = x.new_empty(batch, (steps + STRIDE - 1) // STRIDE, *state.shape[1:])
    inputs = x.new_empty(batch, steps, 1, _neurons(geometry))
    return x.new_empty(batch, steps, pool.n_out), state.new_empty(state.shape), kept, inputs


@convolved_neurons_backward.register_fake
def _(  # noqa: PLR0917 # the same
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    x: Tensor,
    weight: Tensor,
    inputs: Tensor,
    kept: Tensor,
    constants: Tensor,
    kind: Sequence[int],
    numbers: Sequence[float],
    sizes: Sequence[int],
    wants: Sequence[bool],
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    del grad_y, grad_last, inputs, kind, numbers, sizes
    to_bias, learns = wants
    return (
        torch.empty_like(weight, memory_format=torch.contiguous_format),
        weight.new_empty(weight.shape[0] if to_bias else 0),
        kept.new_empty(x.shape[0], *kept.shape[2:]),
        constants.new_empty(constants.shape if learns else 0),
    )


def _set_up(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:  # noqa: ANN401
    x, weight, _, _, constants, *ctx.options = inputs
    ctx.save_for_backward(x, weight, output[3], output[2], constants)
    ctx.set_materialize_grads(False)


def _back(
    call: Function,
    ctx: Any,  # noqa: ANN401
    grad_y: Tensor | None,
    grad_last: Tensor | None,
    *_: Tensor | None,
) -> tuple[Tensor | None, ...]:
    wants = ctx.needs_input_grad
    if wants[0]:
        message = "maps that take a gradient went into spikelake::convolved_neurons"
        hint = "run the convolution and the neurons one after the other"
        raise InvalidInput(message, hint=hint)
    found = call(grad_y, grad_last, *ctx.saved_tensors, *ctx.options, [wants[2], wants[4]])
    grads = (grad if wanted else None for grad, wanted in zip(found, wants[1:5], strict=True))
    return None, *grads, None, None, None


_call = differentiable(
    Operator(convolved_neurons, _convolved_neurons),
    Operator(convolved_neurons_backward, _convolved_neurons_backward),
    set_up=_set_up,
    back=_back,
)


def _sizes(convolution: Convolution, window: tuple[int, int]) -> list[int]:
    return [*convolution.stride, *convolution.padding, *window]


def _plan(x: Tensor, weight: Tensor, sizes: Sequence[int]) -> tuple[Geometry, Pool]:
    """Return the sizes of the convolution, and the windows over what it puts out."""
    geometry = geometry_in_memory(x.flatten(0, 1), weight, sizes[:2], sizes[2:4])
    high, wide = sizes[4:]
    return geometry, Pool((high, wide), (geometry.out_height, geometry.out_width, geometry.outputs))


def _neurons(geometry: Geometry) -> int:
    return geometry.out_height * geometry.out_width * geometry.outputs
