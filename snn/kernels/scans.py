"""The kernels of the CPU over tensors: memory is given to them and the work shared by threads."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from snn.kernels.buffers import empty
from snn.kernels.feedback import weigh
from snn.kernels.kinds import Kind, Numbers, computed
from snn.kernels.membrane import Array
from snn.kernels.pooling import NO_WINDOW, Pool
from snn.kernels.template import STRIDE, Scan, Variant, backward_kernel, forward_kernel
from snn.kernels.threads import run_columns, run_parts


def variant_of(kind: Kind, *, each: bool, double: bool, learns: bool, pooled: bool) -> Variant:
    """Return which compiled kernel a kind of neuron needs."""
    return Variant(
        n_synapses=kind.n_synapses,
        adaptive=bool(kind.adaptive),
        spiking=bool(kind.spiking),
        reset=kind.reset,
        detached=bool(kind.detached),
        bounded=bool(kind.bounded),
        recurrent=bool(kind.recurrent),
        surrogate=kind.surrogate,
        each=each,
        learns=learns,
        double=double,
        pooled=pooled,
    )


def forward_of(kind: Kind, constants: Array, *, pooled: bool) -> Scan:
    """Return the compiled forward scan that neurons of such constants need."""
    return _forward_of(kind, constants.shape[1] > 1, constants.dtype == np.float64, pooled)


@cache  # a small layer takes as long as finding its kernel did
def _forward_of(kind: Kind, each: bool, double: bool, pooled: bool) -> Scan:
    variant = variant_of(kind, each=each, double=double, learns=False, pooled=pooled)
    return forward_kernel(replace(variant, detached=False, surrogate=0))


def backward_of(kind: Kind, constants: Array, *, learns: bool, pooled: bool) -> Scan:
    """Return the compiled backward scan that neurons of such constants need."""
    options = (constants.shape[1] > 1, constants.dtype == np.float64, learns, pooled)
    return _backward_of(kind, *options)


@cache
def _backward_of(kind: Kind, each: bool, double: bool, learns: bool, pooled: bool) -> Scan:
    variant = variant_of(kind, each=each, double=double, learns=learns, pooled=pooled)
    return backward_kernel(variant)


def scan(  # noqa: PLR0917 # as the operator
    x: Tensor,
    state: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    pool: Pool | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Advance neurons; see `snn.kernels.operators.neurons`, and `snn.kernels.pooled` of a pool."""
    source = ready(x, x)
    first, rows = ready(state, source), ready(constants, source)
    batch, steps, _, columns = source.shape
    n_out, window = (pool.n_out, pool.window) if pool else (columns, NO_WINDOW)
    y = empty((batch, steps, n_out), source.dtype)
    last = torch.empty_like(first)
    kept = first.new_empty(batch, -(-steps // STRIDE), *first.shape[1:])
    which = Kind(*kind)
    given = [array(one) for one in (source, first, rows)]
    run = forward_of(which, given[2], pooled=pool is not None)
    fixed, w = membrane_numbers(which, numbers, given[0].dtype), weights_of(weight, source)
    taken = [array(one) for one in (y, kept, last)]
    sizes = (batch, steps, columns)
    run_parts(
        sizes,
        lambda part: run(*given, fixed, w, part, window, *taken),
        whole_rows=bool(which.recurrent) or pool is not None,
    )
    return y.to(x.dtype), last.to(state.dtype), kept


def scan_back(  # noqa: PLR0917 # as the operator
    grads: tuple[Tensor | None, Tensor | None],
    x: Tensor,
    kept: Tensor,
    constants: Tensor,
    weight: Tensor | None,
    y: Tensor | None,
    kind: Sequence[int],
    numbers: Sequence[float],
    wants: Sequence[bool],
    pool: Pool | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Take gradients back; see `snn.kernels.operators.neurons_backward`."""
    source, rows = ready(x, x), ready(constants, x)
    batch, steps, _, columns = source.shape
    grad_y, grad_last = grads
    n_out, window = (pool.n_out, pool.window) if pool else (columns, NO_WINDOW)
    g = source.new_zeros(batch, steps, n_out) if grad_y is None else ready(grad_y, x)
    grad_state = kept.new_zeros(batch, *kept.shape[2:])
    if grad_last is not None:
        grad_state.copy_(grad_last)
    grad_x = empty(tuple(source.shape), source.dtype)
    learns, recurs = wants
    which, pooled = Kind(*kind), pool is not None
    given = [array(one) for one in (source, kept, rows)]
    run = backward_of(which, given[2], learns=learns, pooled=pooled)
    size = columns if learns else 1
    grad_rows = torch.zeros(batch, rows.shape[0], size, dtype=torch.float64)
    fixed = membrane_numbers(which, numbers, given[0].dtype)
    slope = slope_numbers(numbers, given[0].dtype)
    w = weights_of(weight, source)
    taken = [array(one) for one in (g, grad_x, grad_state, grad_rows)]
    sizes = (batch, steps, columns)
    run_parts(
        sizes,
        lambda part: run(*given, fixed, slope, w, part, window, *taken),
        whole_rows=bool(which.recurrent) or pooled,
    )
    grad_weight = x.new_empty(0)
    if recurs and y is not None and weight is not None:
        grad_weight = weight_gradient(kept, y, grad_x).to(weight.dtype)
    return grad_x.to(x.dtype), grad_state, summed(grad_rows, constants, learns), grad_weight


def weight_gradient(kept: Tensor, y: Tensor, grad_x: Tensor) -> Tensor:
    """Return the gradient to the weights from spikes to inputs, of recurrent neurons.

    Args:
        kept: states kept by the forward scan, spikes in their last row.
        y: spikes of each step.
        grad_x: gradient to the inputs of each step.
    """
    into = grad_x.flatten(2)
    grad = into.new_zeros(y.shape[2], into.shape[2])
    if not y.numel():
        return grad
    first = array(kept[:, 0, -1].contiguous())
    spikes, fed, total = array(ready(y, grad_x)), array(into), array(grad)
    run_columns(len(grad), y.numel(), lambda part: weigh(first, spikes, fed, part, total))
    return grad


def summed(grad_rows: Tensor, constants: Tensor, learns: bool) -> Tensor:
    """Return the gradient to constants from those of each sample; empty where none is wanted."""
    if not learns:
        return constants.new_empty(0)
    total = grad_rows.sum(0)
    return total.sum_to_size(constants.shape).to(constants.dtype)


def array(tensor: Tensor) -> Array:
    """Return a tensor's memory as an array."""
    array: Array = bare(tensor).numpy()
    return array


def bare(tensor: Tensor) -> Tensor:
    """Return a tensor that takes no gradient; most do not, and each view takes a microsecond."""
    return tensor.detach() if tensor.requires_grad else tensor


def ready(tensor: Tensor, x: Tensor) -> Tensor:
    """Return a tensor as kernels take it: in one piece, in the precision that x is computed in."""
    given, wanted = bare(tensor), computed(x.dtype)
    is_ready = given.dtype == wanted and given.is_contiguous()
    return given if is_ready else given.to(wanted).contiguous()


def typed(numbers: Sequence[float], dtype: "np.dtype[np.floating]") -> tuple[np.floating, ...]:
    """Return numbers in the precision of a kernel."""
    return tuple(dtype.type(number) for number in numbers)


def membrane_numbers(
    kind: Kind, numbers: Sequence[float], dtype: "np.dtype[np.floating]"
) -> tuple[np.floating, ...]:
    """Return lower bound, potential after a reset and most spikes, as kernels take them."""
    fixed = Numbers(*numbers)
    return typed((fixed.v_min, fixed.v_reset, kind.max_spikes or np.inf), dtype)


def slope_numbers(
    numbers: Sequence[float], dtype: "np.dtype[np.floating]"
) -> tuple[np.floating, ...]:
    """Return the numbers of the surrogate, as kernels take them."""
    return typed(Numbers(*numbers)[2:], dtype)


def weights_of(weight: Tensor | None, like: Tensor) -> Array:
    """Return recurrent weights as kernels take them; one zero, where there are none."""
    return no_weight(like.dtype) if weight is None else array(ready(weight, like))


@cache
def no_weight(dtype: torch.dtype) -> Array:
    """Return what kernels take of neurons that do not feed back; they only look at its shape."""
    return array(torch.zeros(1, 1, dtype=dtype, device="cpu"))
