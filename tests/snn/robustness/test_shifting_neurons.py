"""Neurons spike as their integers do, and their gradients are those of what led them there."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.dynamics import count_spikes
from snn.layers import CubaLIF, Recurrent, SpikingLayer
from snn.robustness.shift_leak import ABOVE
from snn.robustness.shifting_neurons import ShiftingNeurons
from snn.surrogate import ArcTan

N = 5


def neurons(
    seed: int, *, n_syn: int = 1, recurrent: bool = False, each: bool = True
) -> SpikingLayer:
    """Return neurons of whole thresholds, biases and recurrent weights."""
    rng = torch.Generator().manual_seed(seed)

    def taus() -> Tensor | float:
        drawn = 0.001 * 2.0 ** torch.randint(1, 8, (N,), generator=rng)
        return drawn if each else 0.016

    threshold = torch.randint(20, 300, (N,), generator=rng).float()
    layer = CubaLIF(
        taus(),
        [taus() for _ in range(n_syn)],
        spike_threshold=threshold if each else 77.0,
        bias=torch.randint(-9, 9, (N,), generator=rng).float(),
        bit_shift=True,
        surrogate=ArcTan(),
        train=("tau_mem", "tau_syn"),
    )
    if not recurrent:
        return layer
    whole = Recurrent(layer, N)
    whole.weight.data = torch.randint(-60, 60, whole.weight.shape, generator=rng).float()
    return whole


def currents(seed: int, n_syn: int, size: int = 120) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    shape = (2, 40, n_syn, N) if n_syn > 1 else (2, 40, N)
    return torch.randint(-size, 2 * size, shape, generator=rng).float()


def step_by_step(layer: SpikingLayer, x: Tensor, most: int) -> Tensor:
    """Return spikes with gradients through each step: the integer's value, the float's slope.

    Written apart from the kernel: value + (integer - value).detach() wherever a chip drops bits.
    """
    rows = {name: value.double() for name, value in layer.rows().items()}
    alpha, beta, threshold = rows["alpha"], rows["beta"], rows["spike_threshold"]
    weight = layer.recurrent_weight()
    neuron = replace(layer.neuron, max_spikes=most)
    x = (x if x.ndim == 4 else x.unsqueeze(2)).double()
    v_int, i = x.new_zeros(x.shape[0], N), [x.new_zeros(x.shape[0], N) for _ in range(x.shape[2])]
    i_int = [one.clone() for one in i]
    v, spikes, found = v_int + ABOVE, v_int.clone(), []
    for given_t in x.unbind(1):
        back = 0.0 if weight is None else (spikes @ weight.double()).view(given_t.shape)
        x_t = given_t + back
        for k in range(len(i)):
            i[k] = beta[k] * (i[k] + x_t[:, k])
            arrived = (i_int[k] + x_t[:, k].detach()).clamp(-32768, 32767)
            i_int[k] = arrived - shifted(arrived, 1 - beta[k])
        change = (sum(i_int) - shifted(v_int, 1 - alpha)).clamp(-32768, 32767) + rows["bias"]
        v_int = (v_int + change.clamp(-32768, 32767)).clamp(-32768, 32767).detach()
        v = alpha * v + sum(i) + rows["bias"]
        v = v + (v_int + ABOVE - v).detach()
        spikes = count_spikes(v, threshold.expand_as(v), neuron)
        v = v - spikes * threshold
        v_int = v_int - (spikes * threshold).detach()
        found.append(spikes)
    return torch.stack(found, 1)


def shifted(value: Tensor, share: Tensor) -> Tensor:
    bits = -torch.log2(share.detach())
    down = torch.floor(value.detach() / 2**bits)
    return torch.where(down == 0, torch.sign(value.detach()), down)


@pytest.mark.parametrize(("n_syn", "recurrent", "most"), [(1, False, 1), (2, True, 31)])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999), each=st.booleans())
def test_spikes_and_gradients_are_those_of_each_step(
    n_syn: int, recurrent: bool, most: int, seed: int, each: bool
) -> None:
    layer = neurons(seed, n_syn=n_syn, recurrent=recurrent, each=each)
    x = currents(seed, n_syn).requires_grad_()
    weigh = torch.randn(2, 40, N, generator=torch.Generator().manual_seed(seed))
    given_to = [x, *layer.parameters()]
    found = ShiftingNeurons(layer, most)(x)
    expected = step_by_step(layer, x, most)
    assert torch.equal(found, expected.float())
    assert found.sum() > 0
    mine = torch.autograd.grad((found * weigh).sum(), given_to)
    plain = torch.autograd.grad((expected * weigh).sum(), given_to)
    for one, other in zip(mine, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4 * float(other.abs().max()))


def test_pieces_are_the_whole() -> None:
    layer = ShiftingNeurons(neurons(3, n_syn=2, recurrent=True), 31)
    x = currents(3, 2)
    whole, end = layer.run(x)
    first, state = layer.run(x[:, :17])
    then, after = layer.run(x[:, 17:], state)
    assert torch.equal(torch.cat([first, then], 1), whole)
    assert torch.equal(after.v_mem, end.v_mem)
    assert after.i_syn is not None
    assert end.i_syn is not None
    assert torch.equal(after.i_syn, end.i_syn)
    step, _ = layer.step(x[:, 0])
    assert torch.equal(step, whole[:, 0])


def test_the_long_run_does_not_drift() -> None:
    layer = ShiftingNeurons(neurons(1, each=False), 1)
    x = currents(1, 1).repeat(1, 100, 1)
    with torch.no_grad():
        assert torch.equal(layer(x), step_by_step(layer.rounded, x, 1).float())


def test_fewer_spikes_of_neurons_and_chip_are_kept_to() -> None:
    layer = neurons(2)
    layer.neuron = replace(layer.neuron, max_spikes=2)
    assert ShiftingNeurons(layer, 31).max_spikes == 2
    assert ShiftingNeurons(layer, 1).max_spikes == 1
    assert ShiftingNeurons(layer, None)(currents(2, 1, 900)).max() == 2


def test_an_input_without_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time"):
        ShiftingNeurons(neurons(0), 31)(torch.ones(2, N))
