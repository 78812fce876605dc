"""Layers of neurons as nodes: nothing of what they compute is lost on the way."""

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.chips import chip
from devices.graph import graph_from_model
from devices.nodes import Spiking, Unflatten
from devices.spiking_nodes import spiking_node
from eventstore.errors import InvalidInput
from snn.layers import SpikingLayer


def test_time_constants_synapses_bias_and_recurrence_are_kept() -> None:
    taus = [torch.tensor([0.01, 0.02, 0.03]), torch.tensor([0.04, 0.05, 0.06])]
    bias = torch.tensor([-0.1, 0.0, 0.1])
    layer = snn.CubaLIF(
        torch.tensor([0.02, 0.03, 0.04]),
        taus,
        0.005,
        spike_threshold=torch.tensor([0.5, 0.25, 1.0]),
        bias=bias,
        bit_shift=True,
        max_spikes=3,
    )
    node = spiking_node("a", snn.Recurrent(layer, 3), (2, 3))
    assert (node.kind, node.output_shape, node.max_spikes) == ("CubaLIF", (3,), 3)
    assert node.dynamics is not None
    assert node.dynamics.tau_syn is not None
    assert node.dynamics.bias is not None
    assert node.thresholds is not None
    assert node.recurrent is not None
    assert (node.dynamics.dt, node.dynamics.bit_shift) == (0.005, True)
    assert not node.dynamics.norm_input
    np.testing.assert_array_equal(node.dynamics.tau_syn, torch.stack(taus).numpy())
    np.testing.assert_array_equal(node.dynamics.bias, bias.numpy())
    np.testing.assert_array_equal(node.thresholds, np.array([0.5, 0.25, 1.0]))
    assert node.spike_threshold == 0.25
    assert node.recurrent.shape == (3, 6)


def test_neurons_without_time_have_no_dynamics() -> None:
    node = spiking_node("a", snn.IAF(), (2, 4, 4))
    assert node.dynamics is None
    assert node.thresholds is None
    assert node.n_neurons == 32
    leaky = spiking_node("a", snn.LIF(), (2,))
    assert leaky.dynamics is not None
    assert leaky.dynamics.norm_input
    assert spiking_node("a", snn.ExpLeak(), (2,)).spike_threshold is None


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (snn.CubaLIF(tau_syn=[0.01, 0.02]), (6,), r"2 synapses, what comes in is \(6,\)"),
        (snn.IAF(torch.ones(2)), (3,), r"constants of shape \(2,\), its neurons have \(3,\)"),
        (snn.Recurrent(snn.IAF(), 4), (3,), r"recurrent weight is \(4, 4\), there are 3"),
    ],
)
def test_what_does_not_fit_is_refused(
    layer: SpikingLayer, shape: tuple[int, ...], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        spiking_node("neurons", layer, shape)


def test_own_modules_may_lay_synapses_out_themselves() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(3, 8)
            self.neurons = snn.CubaLIF(tau_syn=[0.02, 0.04])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            spikes: torch.Tensor = self.neurons(self.fc(x).unflatten(2, (2, 4)))
            return spikes

    graph = graph_from_model(Own(), (3,))
    assert [type(node) for node in graph][1:] == [Unflatten, Spiking]
    assert graph.output_shape == (4,)


def test_speck_says_all_that_it_lacks() -> None:
    model = snn.SpikingSequential(
        nn.Linear(3, 8),
        nn.Unflatten(1, (2, 4)),
        snn.Recurrent(snn.CubaLIF(tau_syn=[0.02, 0.04], spike_threshold=torch.arange(1.0, 5.0)), 4),
        nn.Linear(4, 2),
        snn.IAF(),
    )
    findings = chip("speck2f").check(graph_from_model(model, (3,)))
    errors = {f.check: f for f in findings if f.is_error}
    assert set(errors) == {"node-kind", "neuron-kind", "recurrence", "one-threshold"}
    assert errors["one-threshold"].message == "neurons '2' have 4 thresholds, a core has one"
