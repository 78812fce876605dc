import math

import pytest
import torch

from eventstore.errors import InvalidInput
from snn.layers import CubaLIF
from snn.layers.cuba_lif import stack_tau


def test_a_current_rises_and_decays() -> None:
    layer = CubaLIF(tau_mem=0.01, tau_syn=0.005, spike_threshold=9.0)
    x = torch.tensor([1.0, 0.0, 0.0])[None, :, None]
    _, state = layer.run(x)
    beta, alpha = math.exp(-0.2), math.exp(-0.1)
    assert state.i_syn is not None
    assert state.i_syn.item() == pytest.approx(beta**3, rel=1e-6)
    expected = beta * alpha**2 + beta**2 * alpha + beta**3
    assert state.v_mem.item() == pytest.approx(expected, rel=1e-6)


def test_synapses_add_up() -> None:
    two = CubaLIF(tau_syn=[0.005, 0.01], spike_threshold=99.0)
    x = torch.rand(1, 20, 2, 3)
    _, state = two.run(x)
    parts = [
        CubaLIF(tau_syn=tau, spike_threshold=99.0).run(x[:, :, k])[1].v_mem
        for k, tau in enumerate((0.005, 0.01))
    ]
    torch.testing.assert_close(state.v_mem, parts[0] + parts[1])


def test_a_bias_is_added_each_step_and_trains() -> None:
    layer = CubaLIF(tau_mem=0.01, bias=[0.5, 0.25], spike_threshold=9.0)
    _, state = layer.run(torch.zeros(1, 1, 2))
    assert state.v_mem.tolist() == [[0.5, 0.25]]
    assert "bias" in dict(layer.named_parameters())


def test_time_constants_of_synapses_stack() -> None:
    assert stack_tau(0.01).shape == (1,)
    assert stack_tau([0.01, torch.full((4,), 0.02)]).shape == (2, 4)
    with pytest.raises(InvalidInput, match="no time constant"):
        stack_tau([])
