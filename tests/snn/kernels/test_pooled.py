import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from snn.dynamics import Neuron
from snn.kernels.kinds import encoded
from snn.kernels.operators import run_fused
from snn.kernels.pooled import can_pool, neurons_pooled, run_pooled
from snn.kernels.pooling import Pool
from snn.surrogate import Triangular
from snn.testing import random_case

# Kinds whose kernels without a pool other tests compile, as that takes seconds.
KINDS = [
    (Neuron(max_spikes=1), False),
    (Neuron(reset="set", min_v_mem=-0.3), True),
    (Neuron(n_synapses=1, surrogate=Triangular(width=1.0)), False),
    (Neuron(adaptive=True, reset="none", detach_reset=True), False),
]


def pool_after(y: Tensor, pool: Pool) -> Tensor:
    rows, columns, channels = pool.size
    frames = y.reshape(-1, rows, columns, channels).permute(0, 3, 1, 2)
    averages = functional.avg_pool2d(frames, pool.kernel).permute(0, 2, 3, 1)
    return averages.reshape(*y.shape[:2], pool.n_out)


@pytest.mark.parametrize(("neuron", "each"), KINDS)
@settings(max_examples=15)
@given(
    pool=st.builds(
        Pool,
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
        st.tuples(st.integers(3, 7), st.integers(3, 7), st.integers(1, 18)),
    ),
    batch=st.integers(1, 3),
    steps=st.sampled_from([1, 5, 64, 66]),
    seed=st.integers(0, 999),
)
def test_numbers_are_those_of_neurons_and_then_a_pool(
    neuron: Neuron, *, each: bool, pool: Pool, batch: int, steps: int, seed: int
) -> None:
    rows, columns, channels = pool.size
    case = random_case(neuron, (batch, steps, rows * columns * channels), seed, each=each)
    x, state, constants = inputs = tuple(
        one.detach().requires_grad_() for one in (case.x, case.state, case.constants)
    )
    spikes, last = run_fused(x, state, constants, neuron)
    expected = pool_after(spikes, pool)
    found, end = run_pooled(x, state, constants, neuron, pool)
    assert torch.equal(found, expected)
    assert torch.equal(end, last)
    down = [torch.randn_like(expected), torch.randn_like(last)]
    wanted = torch.autograd.grad([expected, last], inputs, down)
    gradients = torch.autograd.grad([found, end], inputs, down)
    for one, other in zip(gradients, wanted, strict=True):
        assert torch.equal(one, other)


def test_who_spikes_not_or_feeds_back_is_not_pooled() -> None:
    x = torch.ones(1, 1, 1, 4)
    assert can_pool(x, Neuron())
    assert not can_pool(x, Neuron(spiking=False))
    assert not can_pool(x, Neuron(recurrent=True))
    assert not can_pool(x.long(), Neuron())
    assert not can_pool(x[:0], Neuron())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_operator_is_one_that_torch_can_trace(dtype: torch.dtype) -> None:
    kind, numbers = encoded(Neuron())
    precise = torch.float64 if dtype == torch.float64 else torch.float32
    constants = torch.tensor([0.9, 1.0, 1.0, 0.0, 0.0, 0.0], dtype=precise)[:, None]
    constants.requires_grad_(dtype == torch.float64)
    x = torch.randn(2, 5, 1, 4 * 4 * 3, dtype=dtype).requires_grad_()
    state = torch.zeros(2, 1, 48, dtype=precise)
    inputs = (x, state, constants, kind, numbers, [2, 2, 4, 4, 3])
    torch.library.opcheck(neurons_pooled, inputs)
