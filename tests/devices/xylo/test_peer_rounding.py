"""Rounding as the vendor's tools do it: their integers, bit for bit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from devices.xylo.config import make_config
from devices.xylo.config_net import net_from_config
from devices.xylo.peer_rounding import round_as_peers
from devices.xylo.simulate import run_net
from eventstore.errors import DoesNotFit
from tests.devices.xylo.peer_vectors import CASES, load

SOME = ("w_in", "w_rec", "w_out", "dash_mem", "dash_syn", "dash_mem_out", "dash_syn_out")
ALL = (*SOME, "threshold", "threshold_out", "bias_hidden", "bias_out")


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("how", ["global", "channel"])
def test_integers_are_theirs(shared_oracles: Path, name: str, how: str) -> None:
    case = load(shared_oracles, name)
    net = round_as_peers(case.floats, case.spec, "global" if how == "global" else "channel")
    for field, expected in case.rounded(how).items():
        np.testing.assert_array_equal(getattr(net, field), expected, err_msg=field)
    assert set(case.rounded(how)) == set(ALL)


@pytest.mark.parametrize("name", CASES)
def test_fuzzy_scales_are_theirs_or_refused_where_theirs_wrap(
    shared_oracles: Path, name: str
) -> None:
    case = load(shared_oracles, name)
    expected = case.rounded("global_fuzzy")
    fits = all(np.abs(expected[w]).max() <= 127 for w in ("w_in", "w_rec", "w_out"))
    if fits:
        net = round_as_peers(case.floats, case.spec, "global", fuzzy=True)
        for field, values in expected.items():
            np.testing.assert_array_equal(getattr(net, field), values, err_msg=field)
        return
    with pytest.raises(DoesNotFit, match="does not fit int8"):
        round_as_peers(case.floats, case.spec, "global", fuzzy=True)


def test_a_threshold_of_outputs_that_is_too_high_shrinks_weights_as_theirs_does(
    shared_oracles: Path,
) -> None:
    case = load(shared_oracles, "syns61201_rec")
    plain = round_as_peers(case.floats, case.spec, "global")
    high = replace(case.floats, threshold_out=case.floats.threshold_out * 1000)
    net = round_as_peers(high, case.spec, "global")
    assert net.threshold_out.max() == 32767
    assert np.abs(net.w_rec).max() < np.abs(plain.w_rec).max() / 5
    np.testing.assert_array_equal(net.w_in, plain.w_in)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("how", ["global", "channel"])
def test_from_specification_to_spikes_by_way_of_the_file(
    shared_oracles: Path, name: str, how: str
) -> None:
    case = load(shared_oracles, name)
    net = round_as_peers(case.floats, case.spec, "global" if how == "global" else "channel")
    again = net_from_config(make_config(net, case.spec), case.spec)
    run = run_net(again, case.vectors["x"][None], record=True)
    assert run.traces is not None
    expected = {key: case.vectors[f"{how}/{key}"] for key in ("sim_out", "sim_Spikes", "sim_Vmem")}
    np.testing.assert_array_equal(run.output[0], expected["sim_out"])
    np.testing.assert_array_equal(run.traces.spikes[0], expected["sim_Spikes"])
    np.testing.assert_array_equal(run.traces.v_mem[0], expected["sim_Vmem"])
