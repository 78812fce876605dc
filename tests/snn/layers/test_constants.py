import math

import pytest
import torch

from eventstore.errors import InvalidInput, NotFound
from snn.layers.constants import Constants, check_dt, decay


def test_fixed_constants_are_buffers_and_trained_ones_logarithms() -> None:
    constants = Constants({"tau_mem": [0.01, 0.02], "spike_threshold": 2.0}, train=("tau_mem",))
    assert set(constants.state_dict()) == {"log_tau_mem", "spike_threshold"}
    assert constants["spike_threshold"].item() == 2.0
    torch.testing.assert_close(constants["tau_mem"], torch.tensor([0.01, 0.02]))
    assert constants["tau_mem"].requires_grad
    assert (sorted(constants.names), constants.trained) == (
        ["spike_threshold", "tau_mem"],
        ["tau_mem"],
    )


def test_trained_constants_stay_positive() -> None:
    constants = Constants({"tau_mem": 0.02}, train=("tau_mem",))
    optimiser = torch.optim.SGD(constants.parameters(), lr=1e3)
    for _ in range(3):
        optimiser.zero_grad()
        torch.autograd.backward(constants["tau_mem"])
        optimiser.step()
    assert constants["tau_mem"] > 0


@pytest.mark.parametrize("value", [0.0, -1.0, math.inf, math.nan, [1.0, 0.0], []])
def test_constants_that_are_not_positive_are_refused(value: float | list[float]) -> None:
    with pytest.raises(InvalidInput, match=r"tau_mem .* is not positive") as caught:
        Constants({"tau_mem": value})
    assert "seconds" in caught.value.hint


def test_unknown_names_are_refused() -> None:
    with pytest.raises(NotFound, match="tau_mem"):
        Constants({"tau_mem": 1.0}, train=("tau_men",))
    with pytest.raises(NotFound, match="tau_mem"):
        Constants({"tau_mem": 1.0})["tau"]


def test_repr_tells_values_and_ranges() -> None:
    said = repr(Constants({"tau_mem": [0.01, 0.03], "spike_threshold": 1.0}))
    assert "tau_mem=0.01…0.03" in said
    assert "spike_threshold=1" in said


def test_decay_is_exponential() -> None:
    assert decay(torch.tensor(0.02), 0.001).item() == pytest.approx(math.exp(-1 / 20))


@pytest.mark.parametrize(
    ("tau", "stays"), [(0.016, 15 / 16), (0.02, 15 / 16), (0.023, 31 / 32), (1e-4, 0.5)]
)
def test_bit_shifts_round_the_decay_to_what_a_chip_has(tau: float, stays: float) -> None:
    trained = torch.tensor(tau, requires_grad=True)
    shifted, exact = (decay(trained, 0.001, bit_shift=shift) for shift in (True, False))
    assert shifted.item() == pytest.approx(stays)
    (ours,), (true,) = (torch.autograd.grad(one, trained) for one in (shifted, exact))
    assert torch.equal(ours, true)


@pytest.mark.parametrize("dt", [0.0, -1.0, math.nan, math.inf])
def test_a_step_of_no_time_is_refused(dt: float) -> None:
    with pytest.raises(InvalidInput, match="dt"):
        check_dt(dt)
