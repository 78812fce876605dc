import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, NotFound
from snn.surrogate import (
    SURROGATES,
    ArcTan,
    FastSigmoid,
    Gaussian,
    Heaviside,
    MultiGaussian,
    PeriodicExponential,
    SingleExponential,
    StraightThrough,
    Surrogate,
    Triangular,
    surrogate_named,
)


def at(surrogate: Surrogate, *r: float) -> list[float]:
    values: list[float] = surrogate.h(torch.tensor(r, dtype=torch.float64)).tolist()
    return values


def test_single_exponential_peaks_at_the_threshold() -> None:
    s = SingleExponential(width=0.5, scale=3.0)
    assert at(s, 1.0, 1.5, 0.5) == pytest.approx([6.0, 6 / math.e, 6 / math.e])


def test_periodic_exponential_repeats_above_the_threshold_only() -> None:
    s = PeriodicExponential(width=0.5)
    assert at(s, 1.2, 2.2, 4.8) == pytest.approx([math.exp(-0.8)] * 3)
    assert at(s, 0.0, -1.0) == pytest.approx([math.exp(-2), math.exp(-4)])


def test_heaviside_is_a_step_one_window_below() -> None:
    assert at(Heaviside(width=0.5), 0.49, 0.5, 7.0) == [0.0, 1.0, 1.0]


def test_gaussians_have_a_peak_and_lobes() -> None:
    peak = 1 / (0.5 * math.sqrt(2 * math.pi))
    assert at(Gaussian(width=0.5, scale=2.0), 1.0) == pytest.approx([2 * peak])
    lobe = math.exp(-1 / 72) / (3 * math.sqrt(2 * math.pi))
    assert at(MultiGaussian(), 1.0) == pytest.approx([1.15 * peak - 0.3 * lobe])
    assert at(MultiGaussian(), 4.0)[0] < 0


def test_rational_and_linear_ones() -> None:
    assert at(FastSigmoid(width=0.1), 1.0, 1.1, 0.8) == pytest.approx([1, 1 / 4, 1 / 9])
    assert at(ArcTan(width=0.25), 1.0) == pytest.approx([2.0])
    assert at(Triangular(width=0.5, scale=0.3), 1.25, 0.4, 1.0) == pytest.approx([0.15, 0.0, 0.3])
    assert at(StraightThrough(scale=0.5), -9.0, 9.0) == [0.5, 0.5]


@pytest.mark.parametrize("kind", [SingleExponential, Gaussian, MultiGaussian, ArcTan])
def test_densities_have_an_integral(kind: type[Surrogate]) -> None:
    r = torch.linspace(-4000, 4002, 4_000_001, dtype=torch.float64)
    area = torch.trapezoid(kind(width=0.8).h(r), r).item()
    whole = 2.0 if kind is SingleExponential else 0.85 if kind is MultiGaussian else 1.0
    assert area == pytest.approx(whole, rel=1e-3)


@given(st.sampled_from(sorted(SURROGATES)), st.floats(0.05, 3), st.floats(-2, 2))
def test_scale_is_a_factor(name: str, width: float, scale: float) -> None:
    r = torch.linspace(-3, 5, 101, dtype=torch.float64)
    one, scaled = (surrogate_named(name, width=width, scale=s).h(r) for s in (1.0, scale))
    torch.testing.assert_close(scaled, scale * one)


def test_each_has_a_code_of_its_own() -> None:
    assert sorted(kind.code for kind in SURROGATES.values()) == list(range(len(SURROGATES)))


@pytest.mark.parametrize("width", [0.0, -1.0, math.inf, math.nan])
def test_a_width_that_is_none_is_refused(width: float) -> None:
    with pytest.raises(InvalidInput, match="not positive"):
        SingleExponential(width=width)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInput, match="scale nan"):
        Heaviside(scale=math.nan)
    with pytest.raises(InvalidInput, match="lobes"):
        MultiGaussian(lobe_width=0)


def test_values_compare_and_hash() -> None:
    assert SingleExponential() == SingleExponential(width=0.5)
    assert len({SingleExponential(), SingleExponential(), Heaviside()}) == 2


def test_surrogates_go_by_name() -> None:
    assert surrogate_named("periodic-exponential", width=0.3) == PeriodicExponential(width=0.3)
    with pytest.raises(NotFound, match="heaviside"):
        surrogate_named("heavyside")


def test_numbers_are_finite() -> None:
    for kind in SURROGATES.values():
        assert np.isfinite(kind(width=0.3, scale=2.0).numbers).all()
