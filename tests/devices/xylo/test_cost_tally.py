"""Tests of costs over several batches: they are those of all recordings together."""

import numpy as np
import pytest

from devices.xylo.cost_tally import CostTally
from devices.xylo.cycles import estimate_cost
from devices.xylo.simulate import run_net
from eventstore.errors import InvalidInput
from tests.devices.xylo.xylo_judge import drawn_net, drawn_rasters


def test_batches_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(0)
    net = drawn_net(rng, n_syn=1, style="wild", n_hidden=20)
    rasters = drawn_rasters(rng, net, batch=6, n_steps=25)
    lengths = np.array([25, 3, 0, 25, 11, 20])
    whole, parts = CostTally(net, 40.0, 0.1), CostTally(net, 40.0, 0.1)
    run = run_net(net, rasters, lengths)
    whole.add(run)
    for begin in (0, 2, 4):
        part = slice(begin, begin + 2)
        parts.add(run_net(net, rasters[part], lengths[part]))
    cost, facts = estimate_cost(net, run, pj_per_cycle=40.0, resting_mw=0.1), whole.facts()
    for name, value in parts.facts().items():
        assert value == (pytest.approx(facts[name]) if isinstance(value, float) else facts[name])
    assert facts["mean_clock_hz"] == pytest.approx(cost.mean_clock_hz)
    assert facts["peak_clock_hz"] == cost.peak_clock_hz
    assert facts["total_mw"] == pytest.approx(cost.total_mw)
    assert facts["peak_synops_per_step"] == run.steps.synops.max()
    assert facts["held"] == run.tally.totals
    assert facts["n_recordings"] == 6


def test_without_a_run_only_the_worst_case_is_known() -> None:
    net = drawn_net(np.random.default_rng(1), n_syn=1, style="calm", chip="xylo_imu")
    facts = CostTally(net).facts()
    assert "mean_clock_hz" not in facts
    assert facts["recommended_clock_hz"] == estimate_cost(net).recommended_clock_hz > 0
    with pytest.raises(InvalidInput, match="pj_per_cycle=-1"):
        CostTally(net, pj_per_cycle=-1.0).facts()
