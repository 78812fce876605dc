import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron, run_reference
from snn.kernels.convolved import (
    can_convolve,
    convolved_neurons,
    convolved_neurons_backward,
    run_convolved,
)
from snn.kernels.kinds import encoded
from snn.kernels.sparse_convolution import Convolution
from snn.testing import random_case, relative_error

# Of those that are pooled without a convolution: the same compiled kernels serve.
KINDS = [(Neuron(max_spikes=1), False), (Neuron(reset="set", min_v_mem=-0.3), True)]
LIF = torch.tensor([0.9, 1.0, 1.0, 0.0, 0.0, 0.0], dtype=torch.float64)[:, None]


def events(*shape: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.poisson(torch.full(shape, 0.3), generator=rng).double()


def convolution(inputs: int, outputs: int, *, seed: int = 0, biased: bool = True) -> Convolution:
    """Weights are multiples of 1/64: sums of them do not depend on their order."""
    rng = torch.Generator().manual_seed(seed)
    weight = torch.randint(-40, 56, (outputs, inputs, 3, 2), generator=rng).double() / 64
    bias = torch.randint(-8, 9, (outputs,), generator=rng).double() / 64 if biased else None
    return Convolution(weight, bias, (2, 1), (1, 0))


def layer_by_layer(
    x: Tensor,
    through: Convolution,
    state: Tensor,
    constants: Tensor,
    neuron: Neuron,
    *,
    window: tuple[int, int],
) -> tuple[Tensor, Tensor]:
    maps = functional.conv2d(x.flatten(0, 1), *through)
    inputs = maps.permute(0, 2, 3, 1).reshape(*x.shape[:2], 1, -1)
    spikes, last = run_reference(inputs, state, constants, neuron)
    rows, columns = maps.shape[2:]
    frames = spikes.view(-1, rows, columns, maps.shape[1]).permute(0, 3, 1, 2)
    averages = functional.avg_pool2d(frames, window).permute(0, 2, 3, 1)
    return averages.reshape(*x.shape[:2], -1), last


@pytest.mark.parametrize(("neuron", "each"), KINDS)
@settings(max_examples=15)
@given(
    counts=st.tuples(st.integers(1, 19), st.sampled_from([1, 5, 66]), st.integers(1, 3)),
    size=st.tuples(st.integers(5, 8), st.integers(4, 7)),
    outputs=st.integers(1, 18),
    window=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    last=st.booleans(),
    biased=st.booleans(),
    seed=st.integers(0, 999),
)
def test_equals_the_reference_layer_by_layer(  # noqa: PLR0917 # drawn
    neuron: Neuron,
    each: bool,
    counts: tuple[int, int, int],
    size: tuple[int, int],
    outputs: int,
    window: tuple[int, int],
    last: bool,
    biased: bool,
    seed: int,
) -> None:
    batch, steps, inputs = counts
    x = events(batch, steps, inputs, *size, seed=seed)
    if last:
        x = x.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
    through = convolution(inputs, outputs, seed=seed, biased=biased)
    sizes = through.geometry(x.shape[2:])
    n = sizes.out_height * sizes.out_width * outputs
    case = random_case(neuron, (batch, 1, n), seed, each=each)
    learn = [case.state, case.constants, through.weight]
    if through.bias is not None:
        learn.append(through.bias)
    for one in learn:
        one.requires_grad_()
    given = (x, through, case.state, case.constants, neuron)
    expected, after = layer_by_layer(*given, window=window)
    found, end = run_convolved(*given, window=window)
    assert torch.equal(found, expected)
    assert torch.equal(end, after)
    down = [torch.randn_like(expected), torch.randn_like(after)]
    wanted = torch.autograd.grad([expected, after], learn, down)
    gradients = torch.autograd.grad([found, end], learn, down)
    for mine, true in zip(gradients, wanted, strict=True):
        assert relative_error(mine, true) <= 1e-10


def test_bits_do_not_depend_on_the_number_of_threads() -> None:
    x, through = events(21, 12, 2, 20, 20).float(), convolution(2, 12)
    weight = through.weight.float().requires_grad_()
    single = through._replace(weight=weight, bias=None)
    state, before, found = torch.zeros(21, 1, 10 * 19 * 12), torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            y, _ = run_convolved(x, single, state, LIF.float(), Neuron(max_spikes=1), window=(2, 2))
            found.append((y.detach(), *torch.autograd.grad(y.square().sum(), [weight])))
    finally:
        torch.set_num_threads(before)
    assert found[0][0].sum() > 0
    for one in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(one, found[0], strict=True))


@pytest.mark.parametrize("part", [0, 1])
def test_either_output_alone_has_a_gradient(part: int) -> None:
    x, through = events(3, 5, 2, 6, 6), convolution(2, 4, biased=False)
    weight = through.weight.requires_grad_()
    state = torch.zeros(3, 1, 3 * 5 * 4, dtype=torch.float64)
    neuron, constants = Neuron(max_spikes=1), LIF.clone().requires_grad_()  # as above: one kernel
    given = (x, through, state, constants, neuron)
    ours = run_convolved(*given, window=(1, 1))[part]
    exact = layer_by_layer(*given, window=(1, 1))[part]
    mine, true = (torch.autograd.grad(one.square().sum(), weight)[0] for one in (ours, exact))
    assert float(true.abs().max()) > 0
    assert relative_error(mine, true) <= 1e-10


def test_what_would_not_gain_or_cannot_is_left_to_the_layers() -> None:
    x, through, window = events(16, 2, 2, 6, 6), convolution(2, 4), (2, 2)
    assert can_convolve(x, through, Neuron(), window)
    assert not can_convolve(x[:15], through, Neuron(), window)
    assert not can_convolve(x.clone().requires_grad_(), through, Neuron(), window)
    assert not can_convolve(x, through, Neuron(recurrent=True), window)
    assert not can_convolve(x, through, Neuron(spiking=False), window)
    assert not can_convolve(x, through, Neuron(), (4, 1))


def test_maps_take_no_gradient() -> None:
    x, through = events(1, 2, 2, 6, 6).requires_grad_(), convolution(2, 4)
    state = torch.zeros(1, 1, 60, dtype=torch.float64)
    y, _ = run_convolved(x, through, state, LIF, Neuron(), window=(1, 1))
    with pytest.raises(InvalidInput, match="maps that take a gradient went into spikelake::conv"):
        torch.autograd.backward(y.sum())


def test_operators_keep_their_promises() -> None:
    neuron = Neuron(max_spikes=1)
    kind, numbers = encoded(neuron)
    through, sizes = convolution(2, 4), [2, 1, 1, 0, 2, 2]
    case = random_case(neuron, (2, 1, 60), 0)
    x, bias = events(2, 5, 2, 6, 6), torch.ones(4, dtype=torch.float64)
    learn = [one.requires_grad_() for one in (through.weight, bias, case.state, case.constants)]
    torch.library.opcheck(convolved_neurons, (x, *learn, kind, numbers, sizes))
    y, last, kept, inputs = convolved_neurons(x, *learn, kind, numbers, sizes)
    saved = [one.detach() for one in (x, through.weight, inputs, kept, case.constants)]
    given = (
        torch.randn_like(y),
        torch.randn_like(last),
        *saved,
        kind,
        numbers,
        sizes,
        [True, True],
    )
    what = ("test_schema", "test_faketensor")  # nothing goes back through the way back
    torch.library.opcheck(convolved_neurons_backward, given, test_utils=what)
