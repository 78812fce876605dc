from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, NotFound
from snn.layers import CubaLIF, ExpLeak
from snn.models.synnet import spread_taus, synnet
from snn.sequential import SpikingSequential


@given(st.integers(1, 60), st.data())
def test_neurons_share_powers_of_two_evenly(n: int, data: st.DataObject) -> None:
    n_tau = data.draw(st.integers(1, n))
    found = spread_taus(n, n_tau, 0.002)
    powers = torch.log2(found / 0.002).round().long()
    torch.testing.assert_close(found, 0.002 * 2.0**powers)
    counts = torch.bincount(powers)
    assert len(counts) == n_tau
    assert int(counts.max() - counts.min()) <= 1
    assert bool((found.diff() >= 0).all())


@pytest.mark.parametrize("readout", ["spikes", "potential"])
def test_it_learns_two_sounds(
    readout: Any, learns_two_sounds: Callable[[SpikingSequential], float]
) -> None:
    torch.manual_seed(1)
    net = synnet(2, (12,), hidden=(16, 16), n_tau=(2, 3), readout=readout, train_tau=True)
    assert learns_two_sounds(net) >= 0.95


def test_inputs_of_many_events_a_step_are_weighed_down() -> None:
    nets = []
    for scale in (1.0, 0.25):
        torch.manual_seed(0)
        nets.append(synnet(3, (16,), input_scale=scale))
    one, other = (net.state_dict() for net in nets)
    assert torch.equal(other.pop("linear1.weight"), one.pop("linear1.weight") / 4)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_layers_are_what_options_say() -> None:
    net = synnet(3, (16,), hidden=(6, 8), n_tau=(2, 4), bit_shift=True, dt=0.001, tau_mem=0.004)
    names = [name for name, _ in net.named_children()]
    first, second = (["linear{}", "neurons{}", "dropout{}"] for _ in range(2))
    wanted = [n.format(1) for n in first] + [n.format(2) for n in second]
    assert names == [*wanted, "linear", "readout"]
    assert isinstance(net.readout, CubaLIF)
    for layer in net.spiking_layers():
        assert isinstance(layer, CubaLIF)
        assert layer.bit_shift
        assert layer.constants.trained == []
    potential = synnet(3, (16,), readout="potential", dropout=0.0)
    assert isinstance(potential.synapse, ExpLeak)
    assert isinstance(potential.readout, ExpLeak)
    assert not any("dropout" in name for name, _ in potential.named_children())


def test_a_potential_is_that_of_a_neuron_which_does_not_reach_threshold() -> None:
    torch.manual_seed(3)
    net = synnet(2, (4,), hidden=(5,), n_tau=(1,), readout="potential", dropout=0.0)
    x = torch.rand(2, 6, 4)
    before = x
    for layer in list(net)[:3]:
        before = layer(before)
    neuron = CubaLIF(0.02, 0.02, 0.01, spike_threshold=1e6)
    v_mem = torch.stack([neuron.run(before[:, : t + 1])[1].v_mem for t in range(6)], 1)
    # The synapse decays what arrives in the step it arrives; a leaky integrator does not.
    decay = torch.exp(torch.tensor(-0.01 / 0.02))
    torch.testing.assert_close(net(x) * decay, v_mem, rtol=1e-4, atol=1e-6)


def test_slow_neurons_start_with_smaller_weights() -> None:
    torch.manual_seed(0)
    weight = next(synnet(2, (500,), hidden=(4,), n_tau=(2,)).parameters())
    spread = weight.detach().std(1)
    assert float(spread[:2].mean() / spread[2:].mean()) == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hidden": (8, 8), "n_tau": (2,)}, "differ in length"),
        ({"hidden": (8,), "n_tau": (9,)}, "9 time constants for 8 neurons"),
        ({"hidden": (8,), "n_tau": (0,)}, "0 time constants"),
        ({"tau_syn_base": 0.0}, "tau_syn_base"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        synnet(4, (12,), **options)
    assert caught.value.hint


def test_typos_are_answered() -> None:
    with pytest.raises(NotFound, match="readout of synnet 'vmem'"):
        synnet(4, (12,), readout="vmem")  # type: ignore[arg-type]
