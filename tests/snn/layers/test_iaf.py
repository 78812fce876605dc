import torch

from snn.layers import IAF


def test_counts_without_a_leak() -> None:
    assert IAF(2.0)(torch.full((1, 4, 1), 1.0)).flatten().tolist() == [0, 1, 0, 1]


def test_each_neuron_may_have_its_threshold() -> None:
    y = IAF([1.0, 2.0])(torch.full((1, 4, 2), 1.0))
    assert y.sum(1).tolist() == [[4, 2]]
