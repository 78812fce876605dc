"""Which layers fire for which: only where all that takes their spikes wants the sum."""

from collections import Counter

import snn
from devices.xylo.handing import choose_aliases, without_aliases
from devices.xylo.plan import plan_layers
from snn.branching import Branching
from snn.layers import Recurrent
from tests.devices.xylo.models import graph_of, linear, made, neurons


def test_a_residual_block_hands_on() -> None:
    handing = choose_aliases(plan_layers(graph_of(made("residual"))))
    assert handing.to == {"1": "2.neurons"}
    assert handing.rows(Counter({"1": 1, "2.neurons": 1})) == Counter({"2.neurons": 1})
    assert handing.rows(Counter({"1": 1})) == Counter({"1": 1})


def test_a_layer_whose_spikes_are_wanted_alone_as_well_fires_for_none() -> None:
    handing = choose_aliases(plan_layers(graph_of(made("skipped"))))
    assert "2.a" not in handing.to.values()  # feeds a sum with "1", and one without
    plain = without_aliases(plan_layers(graph_of(made("skipped"))))
    assert plain.rows(Counter({"1": 1, "2.a": 1})) == Counter({"1": 1, "2.a": 1})


def test_chains_of_blocks_hand_on_one_after_the_other() -> None:
    handing = choose_aliases(plan_layers(graph_of(made("wave"))))
    assert len(set(handing.to)) == len(handing.to)
    (last,) = {name for name in handing.to.values() if name.endswith("skip")}
    assert handing.emitted[last] == {"blocks.block1_skip", "blocks.block2_skip"}


def test_recurrent_neurons_fire_for_none_and_sizes_must_agree() -> None:
    block = Branching(
        {"fc": linear(6, 6), "neurons": Recurrent(neurons(6), 6)}, outputs=("input", "neurons")
    )
    model = snn.SpikingSequential(linear(6, 6), neurons(6), block, linear(6, 3), neurons(3))
    assert not choose_aliases(plan_layers(graph_of(model))).to
