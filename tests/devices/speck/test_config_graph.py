"""From configuration to network and back: nothing is lost, whatever the network."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.results import CoreUse, Link, Mapping, QuantizedGraph, QuantizedLayer
from devices.speck.chip import SPECK2F, SPECK2F_DEVKIT
from devices.speck.config import make_config
from devices.speck.config_graph import graph_from_config, mapping_from_config, options_from_config
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.core_words import Words
from devices.speck.quantize import quantize_graph
from devices.speck.sensor import SensorLayer
from devices.speck.simulate import simulate
from eventstore.errors import FormatError, InvalidInput


def random_network(seed: int, n_layers: int) -> tuple[QuantizedGraph, Mapping]:
    """Return layers of 1 × 1 kernels on one map, each fed by up to two before it."""
    rng = np.random.default_rng(seed)
    layers, links = [], []
    sent = dict.fromkeys(range(-1, n_layers), 0)
    for at in range(n_layers):
        layers.append(
            QuantizedLayer(
                name=f"conv{at}",
                spiking_name=f"iaf{at}",
                input_shape=(2, 4, 4),
                weight=rng.integers(-128, 128, (2, 2, 1, 1)).astype(np.int8),
                bias=rng.integers(-9, 9, 2).astype(np.int8) if rng.random() < 0.4 else None,
                stride=(1, 1),
                padding=(0, 0),
                threshold=int(rng.integers(1, 500)),
                lower_bound=int(rng.integers(-500, 0)),
                reset="zero" if rng.random() < 0.5 else "subtract",
                scale=float(rng.random()),
                rescale=0.25,
            )
        )
        free = [s for s in range(-1, at) if sent[s] < 2] if at else [-1]
        for source in rng.permutation(free)[: rng.integers(1, 3)].tolist() or [-1]:
            sent[source] += 1
            links.append(Link(source=None if source < 0 else f"conv{source}", target=f"conv{at}"))
    q = QuantizedGraph(
        chip="speck2f", input_shape=(2, 4, 4), layers=tuple(layers), links=tuple(links)
    )
    cores = rng.permutation(9)[:n_layers].tolist()
    uses = tuple(
        CoreUse(
            layer=layer.name,
            core=core,
            kernel_words=4,
            neuron_words=32,
            bias_words=Words.of_layer(layer).bias,
            kernel_capacity=SPECK2F.cores[core].kernel_words,
            neuron_capacity=SPECK2F.cores[core].neuron_words,
            bias_capacity=SPECK2F.cores[core].bias_words,
        )
        for core, layer in zip(cores, layers, strict=True)
    )
    return q, Mapping(chip="speck2f", uses=uses)


@given(seed=st.integers(0, 2**32 - 1), n_layers=st.integers(1, 9))
def test_a_network_survives_its_configuration(seed: int, n_layers: int) -> None:
    q, mapping = random_network(seed, n_layers)
    config = make_config(q, mapping, SPECK2F)
    back = graph_from_config(json.loads(json.dumps(config)), SPECK2F)
    assert [layer.name for layer in back.layers] == [layer.name for layer in q.layers]
    assert set(back.links) == set(q.links)
    assert back.input_shape == q.input_shape
    for one, other in zip(back.layers, q.layers, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
        assert replace(one, weight=other.weight, bias=None).scale == other.scale
    assert mapping_from_config(config, SPECK2F).cores == mapping.cores
    assert make_config(back, mapping_from_config(config, SPECK2F), SPECK2F) == config


@pytest.mark.parametrize("name", ["seed", "variety"])
def test_a_file_of_another_tool_computes_the_same(
    oracle: Callable[[str], Any], shared_oracles: Path, name: str
) -> None:
    case = oracle(name)
    config = json.loads((shared_oracles / f"speck_{name}_speck2fdevkit.json").read_text())
    back = graph_from_config(config, SPECK2F_DEVKIT)
    assert [layer.name for layer in back.layers] == [f"core{k}" for k in range(case.n_layers)]
    frames = case.vectors["input"][None]
    q = quantize_graph(case.graph, SPECK2F_DEVKIT)
    np.testing.assert_array_equal(simulate(back, frames).output, simulate(q, frames).output)


def test_options_survive_too() -> None:
    q, mapping = random_network(1, 3)
    options = ConfigOptions(
        sensor=SensorLayer(pool=(4, 4), crop=(0, 8, 4, 12), swap_axes=True),
        monitor_sensor=True,
        monitor=("conv0", "conv2"),
        decimate={"conv1": 512},
        readout=ReadoutOptions(threshold=3, average_over=32, addressing="4x4x1"),
    )
    q = replace(q, links=(q.links[0], *(k for k in q.links if k.source is not None)))
    config = make_config(q, mapping, SPECK2F, options)
    found = options_from_config(config, SPECK2F)
    assert set(found.monitor or ()) == {"conv0", "conv2"}
    assert replace(found, monitor=options.monitor) == options
    assert make_config(q, mapping, SPECK2F, found) == config
    with pytest.raises(InvalidInput, match=r"makes maps of \(2, 128, 128\), the network takes"):
        make_config(q, mapping, SPECK2F, ConfigOptions(sensor=SensorLayer()))


def bare(n_layers: int) -> dict[str, Any]:
    """Return the configuration of a chain on cores 0, 1, … without its header."""
    q, mapping = random_network(0, n_layers)
    pairs = zip([None, *(layer.name for layer in q.layers)], q.layers, strict=False)
    links = tuple(Link(source=source, target=layer.name) for source, layer in pairs)
    uses = tuple(replace(use, core=at) for at, use in enumerate(mapping.uses))
    chain = replace(q, links=links)
    config = make_config(chain, Mapping(chip="speck2f", uses=uses), SPECK2F)
    del config["header"]
    return config


def test_cores_that_cannot_be_a_network_are_refused() -> None:
    circle = bare(3)
    circle["cnn_layers"][2]["destinations"][0].update(enable=True, layer=1)
    with pytest.raises(FormatError, match="in a circle: core"):
        graph_from_config(circle, SPECK2F)
    lost = bare(2)
    lost["cnn_layers"][1]["destinations"][0].update(enable=True, layer=7)
    with pytest.raises(FormatError, match="core1 sends to core7, which is not configured"):
        graph_from_config(lost, SPECK2F)
    two = bare(2)
    two["cnn_layers"][0]["destinations"][0]["enable"] = False
    two["cnn_layers"][1]["dimensions"]["input_shape"]["size"]["x"] = 3
    with pytest.raises(FormatError, match=r"\(core0, core1\) take maps of one shape"):
        graph_from_config(two, SPECK2F)
