import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import LIF
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.numbers import run_with
from snn.sequential import SpikingSequential

X = torch.ones(2, 6, 30)


def net() -> SpikingSequential:
    torch.manual_seed(0)
    return SpikingSequential(nn.Linear(30, 400), LIF(train=("tau_mem",)))


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_mismatch_is_the_network_itself() -> None:
    model = net()
    chip = draw_mismatch(model, Mismatch(sigma=0.0), X, rng())
    assert torch.equal(run_with(model, chip, X), model(X))


@given(sigma=st.floats(0.01, 0.2), seed=st.integers(0, 1000))
def test_deviations_are_normal_of_that_width(sigma: float, seed: int) -> None:
    model = net()
    chip = draw_mismatch(model, Mismatch(sigma=sigma), X, rng(seed))
    assert chip["0.weight"].numel() == 12_000
    for path, was in (
        ("0.weight", model[0].weight),
        ("1.constants.spike_threshold", torch.ones(400)),
        ("1.constants.log_tau_mem", torch.full((400,), 0.02)),
    ):
        value = chip[path].exp() if "log_" in path else chip[path]
        xi = (value / was - 1) / sigma  # type: ignore[operator]
        tolerance = 6 / xi.numel() ** 0.5
        assert abs(xi.mean()) < tolerance
        assert abs(xi.std() - 1) < tolerance


def test_a_seed_is_a_chip() -> None:
    model = net()
    first, again, other = (draw_mismatch(model, Mismatch(sigma=0.2), X, rng(s)) for s in (1, 1, 2))
    assert all(torch.equal(first[path], again[path]) for path in first)
    assert not any(torch.equal(first[path], other[path]) for path in first)


def test_draws_of_one_seed_deviate_in_one_direction_at_every_sigma() -> None:
    model = net()
    small, large = (
        draw_mismatch(model, Mismatch(sigma=s), X, rng())["0.weight"] for s in (0.1, 0.2)
    )
    weight = model[0].weight
    torch.testing.assert_close(large - weight, 2 * (small - weight))  # type: ignore[operator]


@pytest.mark.parametrize("group", ["weights", "thresholds", "time_constants"])
def test_groups_deviate_alone(group: str) -> None:
    flags = dict.fromkeys(("weights", "thresholds", "time_constants"), False) | {group: True}
    chip = draw_mismatch(net(), Mismatch(sigma=0.2, **flags), X, rng())
    expected = {
        "weights": {"0.weight", "0.bias"},
        "thresholds": {"1.constants.spike_threshold"},
        "time_constants": {"1.constants.log_tau_mem"},
    }
    assert set(chip) == expected[group]


def test_gradients_reach_the_network() -> None:
    model = net()
    run_with(model, draw_mismatch(model, Mismatch(sigma=0.2), X, rng()), X).sum().backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("sigma", [-0.1, float("inf"), float("nan")])
def test_sigma_out_of_range_is_refused(sigma: float) -> None:
    with pytest.raises(InvalidInput, match="no share of a number"):
        Mismatch(sigma=sigma)


def test_something_must_deviate() -> None:
    with pytest.raises(InvalidInput, match="neither weights"):
        Mismatch(sigma=0.1, weights=False, thresholds=False, time_constants=False)
