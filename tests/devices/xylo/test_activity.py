"""Tests of what a run hands back."""

import numpy as np

from devices.xylo.activity import XyloSteps, XyloTally


def test_operations_are_those_of_all_matrices() -> None:
    one = np.ones((1, 2), np.int64)
    steps = XyloSteps(
        spikes_in=one,
        spikes_rec=one,
        synops_in=one,
        synops_rec=2 * one,
        synops_out=4 * one,
        active_in=one,
        active_hidden=one,
        active_reach=one,
        firing=one,
    )
    assert steps.synops.tolist() == [[7, 7]]


def test_totals_are_over_recordings_by_name() -> None:
    count = np.array([1, 2])
    tally = XyloTally(
        i_syn=count,
        i_syn_out=0 * count,
        v_mem=count,
        v_mem_out=count,
        hidden_caps=10 * count,
        alias_caps=count,
        output_caps=count,
        input_caps=count,
    )
    assert tally.totals["i_syn"] == 3
    assert tally.totals["i_syn_out"] == 0
    assert tally.totals["hidden_caps"] == 30
    assert len(tally.totals) == 8
