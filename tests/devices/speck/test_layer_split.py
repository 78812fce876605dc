"""Parts of a layer compute what the whole did, and survive a configuration."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.results import QuantizedGraph
from devices.speck.chip import SPECK2F
from devices.speck.config import make_config
from devices.speck.config_checks import check_config
from devices.speck.config_graph import graph_from_config, mapping_from_config
from devices.speck.event_stream import ChipState, run_events
from devices.speck.layer_split import split_layer, unsplittable
from devices.speck.mapping import map_layers
from devices.speck.program import compile_program
from devices.speck.sim_settings import SimSettings
from devices.speck.simulate import simulate, trace_layers
from eventstore.errors import DoesNotFit, NotFound
from tests.devices.speck.literal_chip import LiteralChip
from tests.devices.speck.random_nets import quantized_nets, random_events
from tests.devices.speck.small_layers import chain_of


def split_at_random(q: QuantizedGraph, seed: int) -> QuantizedGraph:
    """Return a network with layers split, one after the other, until none can be or luck ends."""
    rng = np.random.default_rng(seed)
    while True:
        able = [la.name for la in q.layers if unsplittable(q, la.name, SPECK2F) is None]
        if not able or rng.random() < 0.2:
            return q
        q = split_layer(q, able[rng.integers(len(able))], SPECK2F)


@settings(max_examples=40)
@given(q=quantized_nets(max_layers=6), seed=st.integers(0, 2**32 - 1))
def test_parts_fire_as_the_whole_did_step_by_step(q: QuantizedGraph, seed: int) -> None:
    parts = split_at_random(q, seed)
    frames = np.random.default_rng(seed).poisson(0.7, (2, 4, *q.input_shape))
    whole = {trace.layer.name: trace.fired for trace in trace_layers(q, frames)}
    found: dict[str, list[np.ndarray]] = {}
    for trace in trace_layers(parts, frames):
        found.setdefault(trace.layer.name.split("[")[0], []).append(trace.fired)
    for name, fired in found.items():
        np.testing.assert_array_equal(np.concatenate(fired, axis=2), whole[name])
    synops = [sum(int(a.synops.sum()) for a in simulate(n, frames).layers) for n in (q, parts)]
    assert synops[0] == synops[1]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.tuples(*[st.integers(2, 6)] * 2),
    order=st.sampled_from(["depth-first", "breadth-first"]),
)
def test_parts_go_through_configurations_and_run_by_the_literal_rule(
    seed: int, features: tuple[int, int], order: str
) -> None:
    q = split_at_random(chain_of((2, *features, 3), seed), seed)
    config = json.loads(json.dumps(make_config(q, map_layers(q, SPECK2F), SPECK2F)))
    assert check_config(config, SPECK2F) == []
    back = graph_from_config(config, SPECK2F)
    assert set(back.links) == set(q.links)
    assert make_config(back, mapping_from_config(config, SPECK2F), SPECK2F) == config
    events = random_events(back, seed, 60, 40)
    slow = LiteralChip(back, order=order)
    slow.run([tuple(row) for row in events.tolist()], t_stop=50)
    settings_ = SimSettings(order=order, slow_clock_us=1, monitor=tuple(slow.layers))  # type: ignore[arg-type]
    start = ChipState.start(compile_program(back, settings_))
    spikes, _ = run_events(start, events, t_stop_us=50)
    names = [layer.name for layer in back.layers]
    fast = zip(spikes.t, spikes.core, spikes.c, spikes.y, spikes.x, strict=True)
    assert [(int(t), names[k], int(c), int(y), int(x)) for t, k, c, y, x in fast] == slow.spikes


def test_a_layer_that_cannot_be_split_says_why() -> None:
    q = chain_of((2, 4, 4, 3), seed=1)
    for name, message in (("2", "is the network's output"), ("none", "no layer 'none'")):
        with pytest.raises((DoesNotFit, NotFound), match=message):
            split_layer(q, name, SPECK2F)
    halves = split_layer(q, "0", SPECK2F)
    assert [layer.name for layer in halves.layers] == ["0[0:2]", "0[2:4]", "1", "2"]
    assert split_layer(halves, "1", SPECK2F).layers[-2].name == "1[2:4]"
    with pytest.raises(DoesNotFit, match="the input feeds 2 layers already"):
        split_layer(halves, "0[0:2]", SPECK2F)
    with pytest.raises(DoesNotFit, match=r"all 3 cores of speck2f are taken"):
        split_layer(q, "0", replace(SPECK2F, cores=SPECK2F.cores[:3]))
    single = chain_of((2, 1, 3), seed=1)
    with pytest.raises(DoesNotFit, match="'0' has a single feature"):
        split_layer(single, "0", SPECK2F)


def test_a_quarter_is_named_by_its_features() -> None:
    q = chain_of((2, 5, 3), seed=1)
    wide = replace(SPECK2F, max_destinations=4)
    quarters = split_layer(split_layer(q, "0", wide), "0[3:5]", wide)
    assert [layer.name for layer in quarters.layers] == ["0[0:3]", "0[3:4]", "0[4:5]", "1"]
    assert [link.feature_shift for link in quarters.into("1")] == [0, 3, 4]


def test_features_that_nothing_feeds_are_an_error() -> None:
    q = split_layer(chain_of((2, 4, 3), seed=1), "0", SPECK2F)
    config = make_config(q, map_layers(q, SPECK2F), SPECK2F)
    second = mapping_from_config(config, SPECK2F).cores[1]
    config["cnn_layers"][second]["destinations"][0]["feature_shift"] = 0
    [found] = [f for f in check_config(config, SPECK2F) if f.is_error]
    assert found.message == "core takes 4 features, nothing feeds 2 … 3"
