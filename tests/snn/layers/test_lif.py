import math

import pytest
import torch

from eventstore.errors import InvalidInput
from snn.layers import LIF


def test_constant_input_charges_towards_it() -> None:
    _, state = LIF(tau_mem=0.01, dt=0.001, spike_threshold=9.0).run(torch.full((1, 10, 1), 2.0))
    assert state.v_mem.item() == pytest.approx(2 * (1 - math.exp(-1)), rel=1e-5)


def test_input_may_be_added_as_it_is() -> None:
    _, state = LIF(tau_mem=0.01, norm_input=False, spike_threshold=9.0).run(torch.ones(1, 2, 1))
    assert state.v_mem.item() == pytest.approx(1 + math.exp(-0.1), rel=1e-6)


def test_leaks_may_be_those_of_a_chip() -> None:
    layer = LIF(tau_mem=0.02, bit_shift=True)
    assert layer.rows()["alpha"].item() == 1 - 2**-4


def test_time_constants_are_seconds() -> None:
    with pytest.raises(InvalidInput, match="positive") as caught:
        LIF(tau_mem=0.0)
    assert "seconds" in caught.value.hint
    with pytest.raises(InvalidInput, match="dt"):
        LIF(dt=0.0)
