"""One layer alone in integers: the others go on in floats."""

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.chips import chip
from devices.graph import graph_from_model
from devices.layer_loss import LayerLoss, go_on_from, layer_alone, layer_frames
from snn.branching import Branching


def network(*, average: bool) -> snn.SpikingSequential:
    torch.manual_seed(3)
    return snn.SpikingSequential(
        nn.Conv2d(2, 3, 3, bias=False),
        snn.IAF(0.5, -1.0),
        nn.AvgPool2d(2) if average else nn.LPPool2d(1, 2),
        nn.Flatten(),
        nn.Linear(3 * 16, 4, bias=False),
        snn.IAF(0.5, -1.0),
    )


@pytest.mark.parametrize("average", [True, False])
def test_a_layer_alone_is_given_the_sums_that_the_model_gives_it(*, average: bool) -> None:
    model, speck = network(average=average), chip("speck2f")
    q = speck.quantize(graph_from_model(model, (2, 10, 10)))
    x = torch.from_numpy(np.random.default_rng(0).poisson(0.4, (1, 5, 2, 10, 10))).float()
    with torch.no_grad():
        passages = list(model.walk(x))
    for layer in q.layers:
        frames = layer_frames(q, layer, x, passages)
        alone = layer_alone(q, layer)
        assert frames.shape == (1, 5, *layer.input_shape)
        found = speck.simulate(alone, frames)
        by_hand = speck.simulate(q, x.numpy())
        if layer is q.layers[0]:  # it is given the same as in the whole network
            np.testing.assert_array_equal(
                found.layers[0].neuron_spikes, by_hand.layers[0].neuron_spikes
            )
    fired = passages[1].y
    windows = fired.reshape(1, 5, 3, 4, 2, 4, 2).sum(dim=(4, 6))
    np.testing.assert_array_equal(layer_frames(q, q.layers[1], x, passages), windows.numpy())


def test_going_on_from_the_same_spikes_gives_the_same_output() -> None:
    model, x = network(average=True), torch.ones(1, 4, 2, 10, 10)
    with torch.no_grad():
        passages = list(model.walk(x))
        assert torch.equal(go_on_from(passages, "1", passages[1].y), passages[-1].y)
        none = go_on_from(passages, "1", torch.zeros_like(passages[1].y))
        assert not none.any()
        assert torch.equal(go_on_from(passages, "5", passages[-1].y + 1), passages[-1].y + 1)


def test_going_on_within_branches_meets_the_other_branch() -> None:
    torch.manual_seed(0)
    block = Branching(
        {"fc": nn.Linear(3, 3), "a": snn.IAF(), "fc2": nn.Linear(3, 3), "b": snn.IAF()},
        sources={"fc2": ("input", "a")},
        outputs=("a", "b"),
    )
    model = snn.SpikingSequential(block, nn.Linear(3, 2), snn.IAF())
    x = torch.ones(1, 6, 3)
    with torch.no_grad():
        passages = list(model.walk(x))
        kept = {one.name: one.y for one in passages[0].inner}
        assert torch.equal(go_on_from(passages, "0.a", kept["a"]), passages[-1].y)
        found = go_on_from(passages, "0.a", torch.zeros_like(kept["a"]))
        b = block.get_submodule("b")(block.get_submodule("fc2")(x))
        assert torch.equal(found, model[2](model[1](b)))


def test_layers_are_ordered_by_accuracy_then_decisions_then_counts() -> None:
    worst = LayerLoss(accuracy=0.5, lost=0.4, changed=0.1, shift=0.1)
    more = LayerLoss(accuracy=0.8, lost=0.1, changed=0.3, shift=0.1)
    less = LayerLoss(accuracy=0.8, lost=0.1, changed=0.2, shift=0.9)
    assert sorted([more, worst, less], key=lambda one: one.rank) == [less, more, worst]
