import torch

from snn.layers import ALIF, LIF


def test_without_adaptation_it_is_a_lif() -> None:
    x = 3 * torch.rand(2, 50, 4)
    assert torch.equal(ALIF(adapt_scale=1e-30)(x), LIF(max_spikes=1)(x))


def test_the_threshold_returns() -> None:
    layer = ALIF(tau_mem=0.001, tau_adapt=0.01, norm_input=False)
    x = torch.zeros(1, 200, 1)
    x[:, :20], x[:, -1] = 9.0, 1.2
    y, state = layer.run(x)
    assert y[:, :20].sum() > 10
    assert y[0, -1, 0] == 1
    assert state.adaptation is not None
    assert 0 < state.adaptation.item() < 0.2
