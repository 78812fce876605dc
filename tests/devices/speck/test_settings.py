"""What a chip is set to holds in each of its steps."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.conformance import small_graph
from devices.graph import graph_from_model
from devices.speck.event_driven import simulate_events
from devices.speck.family import speck2f
from devices.speck.scaling import Scaling
from devices.speck.settings import SpeckSettings
from eventstore.errors import InvalidInput
from tests.devices.speck.small_layers import chain_of


def test_every_step_goes_by_the_settings() -> None:
    q = speck2f.quantize(small_graph())
    flow = replace(speck2f, settings=SpeckSettings(search="flow"))
    assert flow.map(q).cores == (0, 1) != speck2f.map(q).cores
    assert flow.map(q, search="balance").cores == speck2f.map(q, readout=False).cores
    branched = speck2f.split(chain_of((2, 4, 6, 3), seed=0), "1")
    frames = np.random.default_rng(0).poisson(1.0, (2, 30, 2, 4, 4))
    waves = replace(speck2f, settings=SpeckSettings(order="breadth-first"))
    found = waves.simulate_events(branched, frames).output
    expected = simulate_events(branched, frames, speck2f.spec, order="breadth-first").output
    np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(found, speck2f.simulate_events(branched, frames).output)


def test_a_chip_that_may_clip_says_what_it_clips() -> None:
    torch.manual_seed(0)
    far = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF(min_v_mem=-5000.0))
    graph = graph_from_model(far, (2, 16, 16))
    finer = replace(speck2f, settings=SpeckSettings(scaling=Scaling(clip_lower_bound=True)))
    assert "coarse-weights" in [f.check for f in speck2f.check(graph)]
    checks = [f.check for f in finer.check(graph)]
    assert "scale-chosen" in checks
    assert "coarse-weights" not in checks
    assert finer.quantize(graph).layers[0].scale > 50 * speck2f.quantize(graph).layers[0].scale


@pytest.mark.parametrize("wrong", [{"search": "best"}, {"order": "random"}])
def test_settings_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="unknown"):
        SpeckSettings(**wrong)
