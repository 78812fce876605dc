import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.dpi.circuit import BiasCurrents, Circuit
from snn.dpi.dynamics import (
    DC,
    I_AHP,
    I_MEM,
    I_SYN,
    LEAK,
    N_ROWS,
    REFRACTORY,
    SYN_DECAY,
    THRESHOLD,
    DpiNeuron,
    at_rest,
    recurrence_rows,
    run_dpi_reference,
)

DT = 1e-3


def rows_of(**given: Any) -> Tensor:
    currents = BiasCurrents.from_times(**given).to_dict()
    values = {name: torch.tensor([v], dtype=torch.float64) for name, v in currents.items()}
    return recurrence_rows(values, Circuit(), DT, 1e-8)


def spikes_of(x: Tensor, **given: Any) -> Tensor:
    return run_dpi_reference(x, at_rest(len(x), (1,), x), rows_of(**given), DpiNeuron())[0]


def constant(z: float, steps: int = 100) -> Tensor:
    return torch.full((1, steps, 1), z, dtype=torch.float64)


def test_rows_are_times_and_currents_over_the_dark_current() -> None:
    rows = rows_of(tau_syn=0.01, t_ref=2.5e-3, ispkthr=1e-7)
    assert rows.shape == (N_ROWS, 1)
    assert rows[SYN_DECAY].item() == pytest.approx(math.exp(-0.1))
    assert rows[THRESHOLD].item() == pytest.approx(math.log(1e-7 / 5e-13))
    assert rows[LEAK].item() == pytest.approx(5.3191e-12 / 5e-13, rel=1e-4)
    assert rows[DC].item() == 1.0
    assert rows[REFRACTORY].item() == 3  # of 1 ms each


def test_currents_below_the_dark_current_count_as_that() -> None:
    assert torch.equal(rows_of(idc=1e-15), rows_of())


def test_a_whole_number_of_steps_stays_one_in_spite_of_rounding() -> None:
    currents = BiasCurrents.from_times(t_ref=2e-3).to_dict()
    single = {name: torch.tensor([v]) for name, v in currents.items()}
    assert recurrence_rows(single, Circuit(), DT, 1e-8)[REFRACTORY].item() == 2


def test_a_synapse_decays_by_its_time_constant() -> None:
    x = torch.zeros(1, 60, 1, dtype=torch.float64)
    x[0, 0] = 3.0
    states = run_dpi_reference(x, at_rest(1, (1,), x), rows_of(tau_syn=0.02), DpiNeuron())[2]
    i_syn = states[0, :, I_SYN, 0]
    assert (i_syn[40] / i_syn[20]).item() == pytest.approx(math.exp(-1), rel=1e-2)


def test_without_input_nothing_happens() -> None:
    x = constant(0.0, 200)
    y, last, _ = run_dpi_reference(x, at_rest(1, (1,), x), rows_of(), DpiNeuron())
    assert y.sum() == 0
    assert (last[0, : I_MEM + 1, 0] <= 1.0).all()  # dark currents alone


def test_neurons_rest_for_their_refractory_period() -> None:
    fast = spikes_of(constant(60.0), t_ref=1e-3).nonzero()[:, 1].diff()
    slow = spikes_of(constant(60.0), t_ref=6e-3).nonzero()[:, 1].diff()
    assert slow.min() - fast.min() == 5


def test_adaptation_slows_neurons_down() -> None:
    plain, adapting = spikes_of(constant(30.0)), spikes_of(constant(30.0), iw_ahp=1e-5)
    assert 0 < adapting.sum() < plain.sum()
    gaps = adapting.nonzero()[:, 1].diff()
    assert gaps[-1] > gaps[0]


def test_adaptation_builds_up_and_fades() -> None:
    x = constant(30.0)
    x[0, 50:] = 0.0
    run = run_dpi_reference(x, at_rest(1, (1,), x), rows_of(iw_ahp=1e-5), DpiNeuron())
    i_ahp = run[2][0, :, I_AHP, 0]
    assert i_ahp[50] > i_ahp[0]
    assert i_ahp[99] < i_ahp[60]


@settings(max_examples=30, deadline=None)
@given(z=st.floats(1.0, 60.0), more=st.floats(1.05, 2.0))
def test_more_input_never_makes_fewer_spikes(z: float, more: float) -> None:
    assert spikes_of(constant(z * more)).sum() >= spikes_of(constant(z)).sum()


@settings(max_examples=20, deadline=None)
@given(z=st.floats(-60.0, -0.1))
def test_negative_input_does_no_more_than_none(z: float) -> None:
    y, none = (
        run_dpi_reference(x, at_rest(1, (1,), x), rows_of(), DpiNeuron())[1]
        for x in (constant(z), constant(0.0))
    )
    assert torch.equal(y, none)
