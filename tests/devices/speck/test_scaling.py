"""Scales: the rule's, and one of less error where something may be clipped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speck.chip import SPECK2F
from devices.speck.scaling import (
    RULE,
    LayerFloats,
    Scaling,
    choose_scale,
    largest_scale,
    limit,
    rounding_error,
)

SCALINGS = st.builds(
    Scaling,
    clip_weights=st.booleans(),
    clip_lower_bound=st.booleans(),
    clip_threshold=st.booleans(),
)


@pytest.mark.parametrize(
    ("values", "scale"),
    [([0.5, -0.5], 254.0), ([0.1, -1.0], 128.0), ([1.0, -0.1], 127.0), ([-2.0], 63.5)],
)
def test_the_largest_scale_uses_the_lopsided_range(values: list[float], scale: float) -> None:
    assert largest_scale(np.array(values, np.float32), 8) == pytest.approx(scale)


def test_zeros_allow_any_scale() -> None:
    assert largest_scale(np.zeros(3, np.float32), 8) == np.inf


@given(
    seed=st.integers(0, 999),
    outlier=st.sampled_from([1.0, 30.0, 1000.0]),
    threshold=st.sampled_from([1e-3, 1.0, 300.0]),
    low=st.sampled_from([None, 0.0, -1.0, -1e4]),
    scaling=SCALINGS,
)
def test_a_choice_is_never_worse_than_the_rule(
    seed: int, outlier: float, threshold: float, low: float | None, scaling: Scaling
) -> None:
    weight = np.random.default_rng(seed).normal(size=(2, 3, 3, 3)).astype(np.float32)
    weight[0, 0, 0, 0] *= outlier
    floats = LayerFloats(weight=weight, bias=None, threshold=threshold, lower_bound=low)
    joint, scale = (choose_scale(floats, SPECK2F, option) for option in (RULE, scaling))
    assert joint <= scale <= limit(floats, SPECK2F, scaling)
    errors = [rounding_error(floats, SPECK2F, s) for s in (joint, scale)]
    assert errors[1] <= errors[0]
    if scaling.follows_rule:
        assert scale == joint


@pytest.mark.parametrize(
    ("threshold", "low", "outlier", "scaling"),
    [
        (1.0, -30000.0, 1.0, Scaling(clip_lower_bound=True)),
        (1.0, -1.0, 500.0, Scaling(clip_weights=True)),
        (30000.0, -1.0, 1.0, Scaling(clip_threshold=True)),
    ],
)
def test_each_trap_has_its_way_out(
    threshold: float, low: float, outlier: float, scaling: Scaling
) -> None:
    weight = np.random.default_rng(0).uniform(-0.4, 0.4, (4, 4, 16, 16)).astype(np.float32)
    weight[0, 0, 0, 0] = outlier
    floats = LayerFloats(weight=weight, bias=None, threshold=threshold, lower_bound=low)
    before, after = (
        rounding_error(floats, SPECK2F, choose_scale(floats, SPECK2F, option))
        for option in (RULE, scaling)
    )
    assert after < before
