"""Tests of cycles, clocks and power: the published model, step by step."""

import dataclasses
import re

import numpy as np
import pytest

from devices.xylo.cycles import cycles_of, estimate_cost, worst_cycles
from devices.xylo.net import XyloNet
from devices.xylo.simulate import run_net
from eventstore.errors import InvalidInput
from tests.devices.xylo.xylo_judge import drawn_net, drawn_rasters


def published(net: XyloNet, p_in: float, p_hidden: float, fan_out: float) -> float:
    """Return the published sum for shares of active inputs and neurons, with no alias."""
    hidden, out = net.n_hidden, net.n_out
    onto_hidden = net.n_in * (p_in * hidden * 3.5 + 1)
    recurrent = hidden * (fan_out * 7 * p_hidden + 3)
    onto_out = hidden * p_hidden * (1 + out * 8)
    return onto_hidden + recurrent + onto_out + hidden * (19 + 3 * p_hidden) + 12 * out


def net_and_rasters(chip: str) -> tuple[XyloNet, np.ndarray]:
    rng = np.random.default_rng(4)
    net = drawn_net(rng, n_syn=1, style="dense", n_hidden=12, chip=chip)
    net = dataclasses.replace(net, aliases=((),) * 12)
    return net, drawn_rasters(rng, net, batch=2, n_steps=20)


def test_the_worst_case_is_the_published_sum() -> None:
    net, _ = net_and_rasters("xylo_audio2")
    fan_out = np.count_nonzero(net.w_rec) / 12
    assert worst_cycles(net) == pytest.approx(published(net, 1, 1, fan_out))


def test_the_mean_over_steps_is_the_published_sum_of_mean_shares() -> None:
    net, rasters = net_and_rasters("xylo_audio2")
    net = dataclasses.replace(net, w_rec=np.ones((12, 12, 1), np.int8))
    run = run_net(net, rasters, record=True)
    assert run.traces is not None
    quiet = dataclasses.replace(run.steps, firing=run.steps.active_hidden)
    p_in, p_hidden = (rasters > 0).mean(), run.steps.active_hidden.mean() / 12
    expected = published(net, float(p_in), float(p_hidden), 12)
    assert cycles_of(net, quiet).mean() == pytest.approx(expected)


def test_expanding_cores_skip_neurons_without_weights() -> None:
    net, _ = net_and_rasters("xylo_imu")
    few = net.w_in.copy()
    few[:, 5:] = 0
    less = dataclasses.replace(net, w_in=few)
    assert worst_cycles(net) - worst_cycles(less) == pytest.approx(3.5 * net.n_in * 7)
    on_audio2 = dataclasses.replace(less, chip="xylo_audio2")
    assert worst_cycles(on_audio2) == worst_cycles(dataclasses.replace(net, chip="xylo_audio2"))


def test_an_alias_costs_cycles() -> None:
    net, _ = net_and_rasters("xylo_imu")
    aliased = dataclasses.replace(net, aliases=((1,), *((),) * 11))
    assert worst_cycles(aliased) == pytest.approx(worst_cycles(net) + 12 * 4 / 12)


def test_clocks_and_power_follow_from_cycles() -> None:
    net, rasters = net_and_rasters("xylo_audio2")
    run = run_net(net, rasters, np.array([20, 5]))
    cost = estimate_cost(net, run, pj_per_cycle=50.0, resting_mw=0.2)
    assert not cost.cycles[1, 5:].any()
    assert cost.mean_clock_hz == pytest.approx(cost.cycles.sum() / 25 / net.dt)
    assert cost.mean_clock_hz <= cost.peak_clock_hz <= cost.worst_cycles / net.dt
    assert cost.recommended_clock_hz == pytest.approx(1.2 * cost.worst_cycles / net.dt)
    assert cost.dynamic_mw == pytest.approx(cost.mean_clock_hz * 50e-12 * 1e3)
    assert cost.total_mw == pytest.approx(0.2 + (cost.dynamic_mw or 0.0))
    assert "SYNS61201" in cost.source
    assert (cost.published_mw, "2406.15112" in cost.published_source) == (0.291, True)


def test_no_power_is_made_up() -> None:
    net, rasters = net_and_rasters("xylo_audio3")
    cost = estimate_cost(net, run_net(net, rasters))
    assert (cost.dynamic_mw, cost.total_mw, cost.published_mw) == (None, None, None)
    assert estimate_cost(net, run_net(net, rasters), pj_per_cycle=1.0).total_mw is None
    assert "none is published for SYNS65302" in cost.source


@pytest.mark.parametrize("wrong", [{"pj_per_cycle": -1.0}, {"resting_mw": float("nan")}])
def test_refuses_what_is_no_power(wrong: dict[str, float]) -> None:
    net, rasters = net_and_rasters("xylo_imu")
    with pytest.raises(InvalidInput, match="is no power or energy"):
        estimate_cost(net, run_net(net, rasters), **wrong)


def test_refuses_a_chip_without_a_model() -> None:
    net, rasters = net_and_rasters("xylo_imu")
    net = dataclasses.replace(net, chip="xylo_of_tomorrow")
    with pytest.raises(InvalidInput, match=re.escape("no model of cycles for chip 'xylo_of")):
        estimate_cost(net, run_net(net, rasters))
