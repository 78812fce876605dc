"""Estimates of power say where their numbers are from and leave out what nobody knows."""

import pytest

from devices.chips import CHIPS
from devices.power import PowerConstants, estimate_power
from eventstore.errors import InvalidInput


def test_nothing_is_estimated_from_what_is_not_known() -> None:
    known = estimate_power("speck2f", 1e6, 0.3)
    assert known.resting_mw == 0.42
    assert "Yao et al. 2024" in known.resting_source
    assert known.synops_per_second == pytest.approx(1e6 / 0.3)
    assert (known.dynamic_mw, known.total_mw, known.dynamic_uj_per_sample) == (None, None, None)
    unknown = estimate_power("other", 1e6, None, PowerConstants(pj_per_synop=3.0))
    assert (unknown.resting_mw, unknown.resting_source) == (None, "none is published")
    assert (unknown.synops_per_second, unknown.dynamic_mw, unknown.total_mw) == (None, None, None)
    assert unknown.dynamic_uj_per_sample == pytest.approx(3.0)


def test_constants_of_ones_own_come_first() -> None:
    found = estimate_power("speck2f", 2e6, 0.5, PowerConstants(resting_mw=1.0, pj_per_synop=5.0))
    assert (found.resting_mw, found.resting_source) == (1.0, "given by the user")
    assert found.dynamic_mw == pytest.approx(0.02)  # 4 million operations a second, 5 pJ each
    assert found.total_mw == pytest.approx(1.02)
    assert found.dynamic_uj_per_sample == pytest.approx(10.0)


def test_every_chip_has_a_number_or_says_that_it_has_none() -> None:
    for name in CHIPS:
        assert estimate_power(name, 1.0, 1.0).resting_source


@pytest.mark.parametrize("wrong", [-1.0, float("inf"), float("nan")])
def test_constants_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(InvalidInput, match="no power or energy"):
        PowerConstants(pj_per_synop=wrong)
