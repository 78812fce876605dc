import pytest
import torch

from eventstore.errors import InvalidInput
from snn.layers import IAF, CubaLIF, ExpLeak, Recurrent


def test_a_spike_arrives_one_step_later() -> None:
    layer = Recurrent(IAF(), 2)
    layer.weight.data = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    x = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])[None]
    assert layer(x).tolist() == [[[1, 0], [0, 1], [0, 0]]]


def test_weights_reach_each_synapse() -> None:
    layer = Recurrent(CubaLIF(tau_syn=[0.005, 0.01]), 3)
    assert layer.weight.shape == (3, 6)
    assert layer(torch.rand(1, 5, 2, 3)).shape == (1, 5, 3)


def test_constants_are_there_once() -> None:
    layer = Recurrent(CubaLIF(bias=0.1, train=("tau_mem",)), 3)
    names = [name for name, _ in layer.named_parameters()]
    assert sorted(names) == ["layer.bias", "layer.constants.log_tau_mem", "weight"]
    assert len(layer.state_dict()) == 5
    assert layer.constants is layer.layer.constants


def test_neurons_that_cannot_are_refused() -> None:
    with pytest.raises(InvalidInput, match="recurrent already"):
        Recurrent(Recurrent(IAF(), 2), 2)
    with pytest.raises(InvalidInput, match="never spikes"):
        Recurrent(ExpLeak(), 2)
