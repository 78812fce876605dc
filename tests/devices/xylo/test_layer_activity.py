"""Operations of the layers are those of the whole, and spikes are each neuron's own."""

import numpy as np
import pytest

from devices.chips import chip
from devices.xylo.layer_activity import layer_activities
from devices.xylo.simulate import run_net
from tests.devices.xylo.models import graph_of, made


@pytest.mark.parametrize("kind", ["feed-forward", "recurrent", "two synapses", "skipped"])
def test_layers_add_up_to_the_whole(kind: str) -> None:
    net = chip("xylo_audio2").quantize(graph_of(made(kind)))
    rasters = np.random.default_rng(2).poisson(2.0, (5, 30, 6)) * 3
    lengths = np.array([30, 1, 12, 29, 7])
    run = run_net(net, rasters, lengths)
    layers = layer_activities(net, run, rasters)
    assert [layer.name for layer in layers] == [layer.name for layer in net.layers]
    np.testing.assert_array_equal(
        sum(layer.synops for layer in layers), run.steps.synops.sum(axis=1)
    )
    np.testing.assert_array_equal(sum(layer.spikes for layer in layers), run.spikes.sum(axis=1))
    np.testing.assert_array_equal(layers[-1].spikes, run.counts.sum(axis=1))
    result = chip("xylo_audio2").simulate(net, rasters, lengths)
    assert [layer.name for layer in result.layers] == [layer.name for layer in layers]
    np.testing.assert_array_equal(result.layers[0].neuron_spikes, layers[0].neuron_spikes)
