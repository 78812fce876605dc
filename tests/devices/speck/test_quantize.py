"""Integers: equal to the peer's bit for bit, but for its two traps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Conv, Graph
from devices.speck.chip import SPECK2F, SPECK2F_DEVKIT
from devices.speck.quantize import check_quantized, quantize_graph
from devices.speck.scaling import Scaling
from eventstore.errors import DoesNotFit, NotFound


@pytest.mark.parametrize("name", ["seed", "variety"])
def test_integers_equal_the_reference(oracle: Callable[[str], Any], name: str) -> None:
    case = oracle(name)
    q = quantize_graph(case.graph, SPECK2F_DEVKIT)
    assert len(q.layers) == case.n_layers
    for index, layer in enumerate(q.layers):
        expected = {
            key.split("/")[2]: value
            for key, value in case.vectors.items()
            if key.startswith(f"q/{index}/")
        }
        np.testing.assert_array_equal(layer.weight, expected["weight"])
        assert (layer.bias is None) == ("bias" not in expected)
        if layer.bias is not None:
            np.testing.assert_array_equal(layer.bias, expected["bias"])
        assert layer.threshold == expected["threshold"]
        assert layer.lower_bound == expected["min_v_mem"]
        assert layer.rescale == expected["rescale"]
        pools = [link.pool for link in q.out_of(layer.name)] or [1]
        assert [pools[0], pools[0]] == expected["pool"][0].tolist()


def test_a_missing_lower_bound_does_not_ruin_the_weights(oracle: Callable[[str], Any]) -> None:
    # The peer lets −32768 join the scale, which becomes 1: weights of 0.x round to 0 or 1 and the
    # net falls silent. Here the bound is the smallest state, and the scale that of the weights.
    case = oracle("min_v_mem_none")
    for index, layer in enumerate(quantize_graph(case.graph, SPECK2F).layers):
        peer = case.vectors[f"q/{index}/weight"]
        assert layer.lower_bound == case.vectors[f"q/{index}/min_v_mem"] == -32768
        assert case.vectors[f"q/{index}/threshold"] == 1
        assert np.abs(peer).max() <= 1
        assert np.abs(layer.weight.astype(int)).max() >= 127
        assert layer.threshold == round(layer.scale)


def test_a_batch_norm_is_folded_with_its_epsilon() -> None:
    norm = nn.BatchNorm2d(1, eps=0.75)
    assert norm.running_var is not None
    norm.running_var.fill_(0.25)
    model = snn.SpikingSequential(nn.Conv2d(1, 1, 1, bias=False), norm, snn.IAF())
    nn.init.constant_(model[0].weight, 2.0)  # type: ignore[arg-type]
    node = graph_from_model(model, (1, 2, 2)).nodes[0]
    assert isinstance(node, Conv)
    assert node.weight.item() == pytest.approx(2.0)  # without it: 4


def test_a_net_that_breaks_rules_is_refused_with_all_of_them() -> None:
    model = snn.SpikingSequential(nn.Conv2d(1, 1, 17, stride=3), snn.LIF())
    with pytest.raises(DoesNotFit, match=r"breaks 3 rules.*kernel-size.*stride.*neuron-kind"):
        quantize_graph(graph_from_model(model, (1, 20, 20)), SPECK2F)


@pytest.mark.parametrize(
    ("threshold", "check"), [(1e-5, "threshold-rounds-to-zero"), (1e4, "coarse-weights")]
)
def test_what_rounding_spoils_is_found(threshold: float, check: str) -> None:
    model = snn.SpikingSequential(nn.Conv2d(1, 1, 1, bias=False), snn.IAF(threshold))
    nn.init.constant_(model[0].weight, 1.0)  # type: ignore[arg-type]
    q = quantize_graph(graph_from_model(model, (1, 4, 4)), SPECK2F)
    assert [finding.check for finding in check_quantized(q)] == [check]


def one_layer(**neurons: Any) -> Graph:
    model = snn.SpikingSequential(nn.Conv2d(1, 2, 3), snn.IAF(**neurons))
    with torch.no_grad():
        nn.init.uniform_(model[0].weight, -0.3, 0.3)  # type: ignore[arg-type]
    return graph_from_model(model, (1, 4, 4))


def test_a_layer_by_name_is_scaled_apart() -> None:
    graph = one_layer(spike_threshold=1.0, min_v_mem=-30000.0)
    by_rule = quantize_graph(graph, SPECK2F).layers[0]
    finer = quantize_graph(graph, SPECK2F, {"0": Scaling(clip_lower_bound=True)}).layers[0]
    assert np.abs(by_rule.weight.astype(int)).max() <= 1
    assert np.abs(finer.weight.astype(int)).max() >= 60
    assert finer.lower_bound == -32768
    assert finer.threshold == round(finer.scale)
    with pytest.raises(NotFound, match="conv9"):
        quantize_graph(graph, SPECK2F, {"conv9": Scaling()})


@pytest.mark.slow
def test_a_forward_pass_before_changes_nothing() -> None:
    model = snn.SpikingSequential(nn.Conv2d(1, 2, 3), snn.IAF())
    before = quantize_graph(graph_from_model(model, (1, 4, 4)), SPECK2F).layers[0]
    with torch.no_grad():
        model(torch.full((1, 5, 1, 4, 4), 50.0))
    after = quantize_graph(graph_from_model(model, (1, 4, 4)), SPECK2F).layers[0]
    np.testing.assert_array_equal(before.weight, after.weight)
    assert (before.scale, before.threshold) == (after.scale, after.threshold)
