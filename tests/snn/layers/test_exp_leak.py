import math

import pytest
import torch

from snn.layers import ExpLeak


def test_output_is_the_potential() -> None:
    y, state = ExpLeak(tau_mem=0.01).run(torch.tensor([1.0, 0.0, 0.0])[None, :, None])
    gain = 1 - math.exp(-0.1)
    assert y.flatten().tolist() == pytest.approx([gain * math.exp(-0.1 * k) for k in range(3)])
    assert torch.equal(state.v_mem, y[:, -1])


def test_it_has_no_threshold() -> None:
    assert ExpLeak().spike_threshold is None


def test_a_bound_holds_the_output() -> None:
    y = ExpLeak(min_v_mem=-0.5, norm_input=False)(torch.full((1, 5, 1), -1.0))
    assert y.flatten().tolist() == [-0.5] * 5
