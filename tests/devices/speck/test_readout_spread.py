"""Classes on the channels that the readout sees: nothing but their places changes."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.chips import chip
from devices.conformance import small_graph
from devices.results import Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import DYNAPCNN_DEVKIT, SPECK2B, SPECK2E, SPECK2F, SPECS, SpeckSpec
from devices.speck.config import make_config
from devices.speck.config_checks import check_config
from devices.speck.config_graph import graph_from_config, mapping_from_config
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.core_words import Words
from devices.speck.event_stream import Spikes, stream_events
from devices.speck.family import speck2f
from devices.speck.mapping import map_layers
from devices.speck.program import compile_program
from devices.speck.quantize import quantize_graph
from devices.speck.readout import Readout, ReadoutState, read_out
from devices.speck.readout_spread import gather_layer, is_spread, spread_readout
from devices.speck.sim_settings import SimSettings
from devices.speck.simulate import simulate
from devices.speck.simulated_board import SimulatedBoard
from eventstore.errors import DoesNotFit
from eventstore.events import Events

READING = ConfigOptions(readout=ReadoutOptions(threshold=1))
CHUNKS = [
    Events.of(t=np.sort(t), x=x % 4, y=x // 4, p=t % 2)
    for t, x in ((np.arange(300) * 7 % 2000 + 2000 * k, np.arange(300) % 16) for k in range(2))
]


def two_layers(
    spec: SpeckSpec, classes: int, seed: int, *, features: int = 3, inputs: int = 2
) -> QuantizedGraph:
    """Return a convolution and a layer of so many classes, perhaps with biases."""
    rng = np.random.default_rng(seed)

    def layer(name: str, inputs: int, outputs: int, *, edge: int, size: int) -> QuantizedLayer:
        return QuantizedLayer(
            name=name,
            spiking_name=f"{name}.iaf",
            input_shape=(inputs, size, size),
            weight=rng.integers(-60, 128, (outputs, inputs, edge, edge)).astype(np.int8),
            bias=rng.integers(-9, 9, outputs).astype(np.int8) if seed % 3 == 0 else None,
            stride=(1, 1),
            padding=(0, 0),
            threshold=100,
            lower_bound=-100,
            reset="subtract",
            scale=1.0,
            rescale=1.0,
        )

    conv = layer("conv", inputs, features, edge=2, size=4)
    layers = (conv, layer("fc", features, classes, edge=3, size=3))
    return QuantizedGraph.chain(chip=spec.name, input_shape=(inputs, 4, 4), layers=layers)


def told(parts: Iterable[Spikes], options: ReadoutOptions, step: int) -> Readout:
    state = ReadoutState.start(options, period_us=1000, channel_step=step)
    columns = [(one.t, one.core, one.c, one.y, one.x) for one in parts]
    spikes = Spikes(*(np.concatenate(column) for column in zip(*columns, strict=True)))
    return read_out(state, spikes, t_stop_us=4000)[0]


def as_spikes(board: SimulatedBoard, core: int) -> list[Spikes]:
    parts = []
    while (one := board.read()) is not None:
        mine = one[one.core == core]
        parts.append(Spikes(mine.t, mine.core, mine.feature, mine.y, mine.x))
    return parts


@settings(max_examples=30)
@given(
    spec=st.sampled_from([spec for spec in SPECS if spec.has_readout]),
    classes=st.integers(1, 15),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_network_with_readout_survives_its_configuration_and_is_read_right(
    spec: SpeckSpec, classes: int, seed: int
) -> None:
    q = two_layers(spec, classes, seed)
    if spec.cores[0].bias_words == 0:
        q = replace(q, layers=tuple(replace(k, bias=None) for k in q.layers))
    mapping, step = map_layers(q, spec), spec.readout_channel_step
    config = json.loads(json.dumps(make_config(q, mapping, spec, READING)))
    assert check_config(config, spec) == []
    shape = config["cnn_layers"][mapping.cores[1]]["dimensions"]["output_shape"]
    assert shape["feature_count"] == (classes - 1) * step + 1
    back = graph_from_config(config, spec)
    for one, other in zip(back.layers, q.layers, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
    assert mapping_from_config(config, spec).cores == mapping.cores
    assert make_config(back, mapping, spec, READING) == config
    frames = np.random.default_rng(seed).poisson(0.5, (2, 6, 2, 4, 4))
    np.testing.assert_array_equal(simulate(back, frames).output, simulate(q, frames).output)
    board = SimulatedBoard(config, spec, CHUNKS)
    program = compile_program(q, SimSettings(slow_clock_us=1000))
    plain = told((s for s, _ in stream_events(program, CHUNKS)), ReadoutOptions(threshold=1), 1)
    by_chip = told(as_spikes(board, mapping.cores[1]), ReadoutOptions(threshold=1), step)
    np.testing.assert_array_equal(by_chip.words, plain.words)


def test_spread_classes_fire_as_before_and_all_others_never() -> None:
    q = speck2f.quantize(small_graph())
    q = replace(q, layers=tuple(replace(k, weight=np.abs(k.weight)) for k in q.layers))
    wide = speck2f.spread_readout(q)
    assert wide.layers[-1].neuron_shape == (9, 1, 1)
    frames = np.random.default_rng(0).poisson(3.0, (2, 20, 2, 8, 8))
    before, after = simulate(q, frames).output, simulate(wide, frames).output
    assert before.sum() > 0
    np.testing.assert_array_equal(after[..., ::4], before)
    assert after.sum() == before.sum()


def test_a_chip_without_the_erratum_needs_nothing() -> None:
    q = quantize_graph(small_graph(), SPECK2B)
    layer, same = q.layers[-1], spread_readout(q, SPECK2B).layers[-1]
    np.testing.assert_array_equal(layer.weight, same.weight)
    assert gather_layer(layer, SPECK2B) is layer


def test_a_layer_spread_by_hand_is_known_as_such() -> None:
    q = two_layers(SPECK2F, 10, seed=1)
    by_hand = spread_readout(q, SPECK2F)
    assert is_spread(by_hand.layers[-1], SPECK2F)
    mapping = map_layers(q, SPECK2F)
    config = make_config(q, mapping, SPECK2F, READING)
    assert make_config(by_hand, mapping, SPECK2F, READING) == config
    for wrong in (np.ones((37, 3, 3, 3)), np.ones((36, 3, 3, 3)), np.ones((61, 3, 3, 3))):
        assert not is_spread(replace(q.layers[-1], weight=wrong.astype(np.int8)), SPECK2F)


def test_what_the_readout_cannot_take_is_refused() -> None:
    q = quantize_graph(small_graph(), SPECK2E)
    with pytest.raises(DoesNotFit, match="dynapcnndevkit has no on-chip readout"):
        spread_readout(q, DYNAPCNN_DEVKIT)
    first = type(q).chain(chip="speck2f", input_shape=(2, 8, 8), layers=q.layers[:1])
    with pytest.raises(DoesNotFit, match="4 channels of 6 × 6 neurons"):
        spread_readout(first, SPECK2F)
    many = two_layers(SPECK2F, 16, seed=1)
    with pytest.raises(DoesNotFit, match=r"16 channels of 1 × 1 neurons, .* takes 15 of one"):
        chip("speck2f").config(many, options=READING)  # type: ignore[call-arg]
    assert len(map_layers(many, SPECK2F).uses) == 2
    with pytest.raises(DoesNotFit, match="takes 15 of one"):
        map_layers(many, SPECK2F, readout=True)


def test_the_mapping_keeps_room_for_the_readout_where_it_can() -> None:
    small, large = SPECK2F.cores[0], SPECK2F.cores[5]
    spec = replace(SPECK2F, cores=(small, replace(large, neuron_words=65536)))
    q = two_layers(SPECK2F, 10, seed=1, features=60, inputs=63)
    assert [Words.of_layer(layer).kernel for layer in q.layers] == [63 * 256, 60 * 256]
    emptier = map_layers(q, spec, readout=False)
    assert emptier.cores == (1, 0)
    with pytest.raises(DoesNotFit, match="needs 37 channels of layer 'fc', 61,440 words") as caught:
        make_config(q, emptier, spec, READING)
    assert "readout=True" in str(caught.value.hint)
    mapping = map_layers(q, spec)
    assert mapping.cores == map_layers(q, spec, readout=True).cores == (0, 1)
    assert mapping.uses[1].kernel_words == 60 * 256
    config = make_config(q, mapping, spec, READING)
    assert mapping_from_config(config, spec).uses[1].kernel_words == 61_440
    alone = two_layers(SPECK2F, 10, seed=1)
    assert map_layers(alone, SPECK2F, search="flow").cores == (0, 1)


def test_a_readout_without_room_is_refused_and_left_out_by_default() -> None:
    q = two_layers(SPECK2F, 10, seed=1, features=130)
    assert Words.of_layer(q.layers[-1]).kernel * 4 > 65536
    plain = map_layers(q, SPECK2F, readout=False)
    assert map_layers(q, SPECK2F) == plain
    with pytest.raises(DoesNotFit, match="layer fc fits in no core") as caught:
        map_layers(q, SPECK2F, readout=True)
    assert "leave the on-chip readout out" in str(caught.value.hint)


def test_channels_that_the_readout_does_not_see_are_a_warning() -> None:
    q = two_layers(SPECK2F, 10, seed=1)
    config: dict[str, Any] = make_config(q, map_layers(q, SPECK2F), SPECK2F, READING)
    core = mapping_from_config(config, SPECK2F).cores[1]
    config["cnn_layers"][core]["weights"][5][0][0][0] = 3
    [found] = [f for f in check_config(config, SPECK2F) if f.check == "readout-channels"]
    assert found.where == f"cnn_layers[{core}].weights"
    assert "sees channels 0, 4, … 56, not channel 5" in found.message
    assert isinstance(map_layers(q, SPECK2F), Mapping)
