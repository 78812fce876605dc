import torch

from snn.layers import LIF, ParallelLIF


def test_below_the_threshold_it_is_a_lif() -> None:
    x = torch.rand(1, 30, 4)
    (_, ours), (_, lif) = ParallelLIF().run(x), LIF(spike_threshold=9.0).run(x)
    assert torch.equal(ours.v_mem, lif.v_mem)


def test_above_it_keeps_spiking() -> None:
    y = ParallelLIF(tau_mem=0.001, norm_input=False)(torch.tensor([9.0, 0, 0])[None, :, None])
    assert y.flatten().tolist() == [1, 1, 1]
