"""Rate profiles: what comes when, whatever pixel it hits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.splits.leakage.rate_profile import (
    LIMIT,
    Profiles,
    choose_step_us,
    correlation,
    count_steps,
    residuals,
)


def profiles_of(counts: list[int]) -> Profiles:
    return Profiles(np.array(counts, np.uint16), np.array([0, len(counts)]), 1000)


@given(st.lists(st.integers(-50, 9_999), max_size=60))
def test_every_event_is_counted_once_even_where_time_steps_back(times: list[int]) -> None:
    counts = np.zeros(12, np.uint16)
    samples = (np.array([[0, len(times)]]), np.zeros(1, np.int64), np.array([[1, 11]]))
    count_steps(np.array(times, np.int64), samples, 1000, counts)
    assert counts.sum() == len(times)
    assert counts[0] == counts[11] == 0


def test_counts_do_not_wrap() -> None:
    counts = np.full(1, 65_530, np.uint16)
    samples = (np.array([[0, 20]]), np.zeros(1, np.int64), np.array([[0, 1]]))
    count_steps(np.zeros(20, np.int64), samples, 1000, counts)
    assert counts[0] == 65_535


def test_a_steady_rate_leaves_nothing_and_bursts_are_bounded() -> None:
    assert not residuals(profiles_of([5] * 40), 0)[:-1].any()
    assert residuals(profiles_of([0] * 20 + [60_000] + [0] * 20), 0).max() == LIMIT


def test_correlation_knows_the_shift() -> None:
    rng = np.random.default_rng(0)
    profile = rng.normal(size=200).astype(np.float32)
    at = [correlation(profile, profile[30:], lag) for lag in range(-60, 1)]
    assert np.argmax(at) - 60 == -30
    assert at[30] > 3 * sorted(at)[-2]
    assert correlation(profile, profile[:1], 0) == 0
    assert correlation(profile, 0 * profile, 0) == 0


def test_sparse_samples_get_wide_steps() -> None:
    assert choose_step_us(np.array([0]), np.array([10])) == 1000
    assert choose_step_us(np.array([1]), np.array([10**9])) == 32_000
