import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta as beta_distribution
from scipy.stats import kstest, loggamma

from eventstore.draws import beta, choice, log_gamma, normal, normal_pair, uniform


def test_draws_are_splitmix64() -> None:
    # The first outputs of the published generator for seed 1234567.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    draws = [uniform(1_234_567, i) for i in range(3)]
    assert draws == [(word >> 11) * 2.0**-53 for word in published]


def test_draws_are_uniform_and_uncorrelated() -> None:
    draws = np.array([[uniform(s, i) for i in range(100)] for s in range(100)])
    assert abs(draws.mean() - 0.5) < 5 * (1 / 12) ** 0.5 / 100
    assert abs(np.corrcoef(draws[:, :-1].ravel(), draws[:, 1:].ravel())[0, 1]) < 5 / 100
    assert abs(np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]) < 5 / 100


def test_choices_are_uniform_and_reach_both_ends() -> None:
    # 6,000 choices of five: each 1,200 times, sd 31.
    counts = np.bincount([choice(s, 0, 5) for s in range(6_000)])
    assert len(counts) == 5
    assert np.all(np.abs(counts - 1_200) < 5 * 31)


@given(st.integers(0, 1 << 62), st.integers(1, 1 << 62))
def test_choices_stay_in_range(seed: int, n: int) -> None:
    assert 0 <= choice(seed, 3, n) < n


@given(st.integers(0, 1 << 62), st.integers(0, 1 << 40))
def test_normal_draws_are_box_and_mullers(seed: int, i: int) -> None:
    radius = math.sqrt(-2 * math.log(1 - uniform(seed, 2 * i)))
    angle = 2 * math.pi * uniform(seed, 2 * i + 1)
    expected = (radius * math.cos(angle), radius * math.sin(angle))
    assert normal_pair(seed, i) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert (normal(seed, 2 * i), normal(seed, 2 * i + 1)) == normal_pair(seed, i)


def test_normal_draws_have_the_moments_of_the_distribution() -> None:
    draws = np.array([[normal(s, i) for i in range(100)] for s in range(200)])
    n = draws.size
    moments = [(draws**k).mean() for k in (1, 2, 3, 4)]
    # Variances of the sample moments are 1, 2, 15 and 96, each over n.
    for moment, expected, variance in zip(moments, (0, 1, 0, 3), (1, 2, 15, 96), strict=True):
        assert abs(moment - expected) < 5 * (variance / n) ** 0.5
    assert abs(np.corrcoef(draws[:, ::2].ravel(), draws[:, 1::2].ravel())[0, 1]) < 5 / 100


@pytest.mark.parametrize("shape", [0.01, 0.3, 1.0, 2.5, 400.0])
def test_gamma_draws_have_the_distribution(shape: float) -> None:
    logs = [log_gamma(s, 10, shape)[0] for s in range(4_000)]
    # log(Gamma) rather than Gamma: draws of a shape of 0.01 are mostly below 1e-30.
    assert kstest(logs, loggamma(shape).cdf).pvalue > 1e-3


def test_gamma_draws_say_what_they_leave_unused() -> None:
    ends = {log_gamma(s, 10, 0.3)[1] for s in range(500)}
    assert min(ends) == 14
    assert all(end % 4 == 2 for end in ends)
    assert max(ends) > 14  # one of 20 is drawn again


@pytest.mark.parametrize("alpha", [0.05, 0.4, 1.0, 3.0])
def test_beta_draws_have_the_distribution(alpha: float) -> None:
    draws = np.array([beta(s, 6, alpha) for s in range(4_000)])
    assert draws.min() >= 0
    assert draws.max() <= 1
    # Of small alphas some draws are 1 to within the precision of a float: rank their distances.
    assert (
        kstest(
            draws[draws < 1 - 1e-9],
            lambda x: (
                beta_distribution(alpha, alpha).cdf(x)
                / beta_distribution(alpha, alpha).cdf(1 - 1e-9)
            ),
        ).pvalue
        > 1e-3
    )


@given(st.integers(0, 1 << 62), st.floats(1e-3, 1e6))
def test_beta_draws_are_shares(seed: int, alpha: float) -> None:
    assert 0 <= beta(seed, 0, alpha) <= 1
