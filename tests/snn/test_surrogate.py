import pytest
import torch

from eventstore.errors import InvalidInput, NotFound
from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential, surrogate_named


def test_single_exponential_peaks_at_the_threshold() -> None:
    s = SingleExponential(width=0.5, scale=3.0)
    assert s(torch.tensor(2.0), 2.0).item() == 3.0
    assert s(torch.tensor(3.0), 2.0).item() == pytest.approx(3 * 2.718281828**-1)


def test_periodic_exponential_repeats_above_the_threshold_only() -> None:
    s = PeriodicExponential(width=0.5)
    v = torch.tensor([1.2, 2.2, 4.8])
    torch.testing.assert_close(s(v, 1.0), torch.exp(torch.tensor(-0.8)).expand(3))
    below = s(torch.tensor([0.0, -1.0]), 1.0)
    torch.testing.assert_close(below, torch.exp(torch.tensor([-2.0, -4.0])))


def test_heaviside_is_a_step_one_window_below() -> None:
    assert Heaviside(width=0.5)(torch.tensor([1.4, 1.5, 7.0]), 2.0).tolist() == [0.0, 0.5, 0.5]


def test_a_width_of_zero_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not positive"):
        SingleExponential(width=0)


def test_values_compare_and_hash() -> None:
    assert SingleExponential() == SingleExponential(width=0.5)
    assert len({SingleExponential(), SingleExponential(), Heaviside()}) == 2


def test_surrogates_go_by_name() -> None:
    assert surrogate_named("periodic-exponential", width=0.3) == PeriodicExponential(width=0.3)
    with pytest.raises(NotFound, match="heaviside"):
        surrogate_named("heavyside")
