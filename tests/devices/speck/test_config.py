"""Configuration: equal to the reference field by field, and readable back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices.results import Mapping
from devices.speck.chip import SPECK2F, SPECK2F_DEVKIT
from devices.speck.config import graph_from_config, make_config
from devices.speck.mapping import map_layers
from devices.speck.quantize import quantize_graph
from devices.speck.simulate import simulate
from eventstore.errors import FormatError, InvalidInput


@pytest.mark.parametrize("name", ["seed", "variety"])
def test_every_field_equals_the_reference(
    oracle: Callable[[str], Any], shared_oracles: Path, name: str
) -> None:
    q = quantize_graph(oracle(name).graph, SPECK2F_DEVKIT)
    config = make_config(q, map_layers(q, SPECK2F_DEVKIT), SPECK2F_DEVKIT)
    file = shared_oracles / f"speck_{name}_speck2fdevkit.json"
    assert json.loads(json.dumps(config)) == json.loads(file.read_text())


@pytest.mark.parametrize("name", ["seed", "variety"])
def test_a_configuration_read_back_computes_the_same(
    oracle: Callable[[str], Any], name: str
) -> None:
    case = oracle(name)
    q = quantize_graph(case.graph, SPECK2F)
    mapping = map_layers(q, SPECK2F)
    text = json.dumps(make_config(q, mapping, SPECK2F))
    back = graph_from_config(json.loads(text), SPECK2F)
    assert [layer.name for layer in back.layers] == [f"core{core}" for core in mapping.cores]
    frames = case.vectors["input"][None]
    np.testing.assert_array_equal(simulate(back, frames).output, simulate(q, frames).output)
    assert json.dumps(make_config(back, mapping, SPECK2F)) == text


def test_a_mapping_of_another_chip_is_refused(oracle: Callable[[str], Any]) -> None:
    q = quantize_graph(oracle("seed").graph, SPECK2F)
    with pytest.raises(InvalidInput, match="3 layers to speck2f does not fit 3 layers on speck2fd"):
        make_config(q, map_layers(q, SPECK2F), SPECK2F_DEVKIT)
    with pytest.raises(InvalidInput, match="0 layers"):
        make_config(q, Mapping(chip="speck2f", uses=()), SPECK2F)


def test_a_configuration_without_a_single_first_core_is_refused(
    oracle: Callable[[str], Any],
) -> None:
    q = quantize_graph(oracle("seed").graph, SPECK2F)
    config = make_config(q, map_layers(q, SPECK2F), SPECK2F)
    config["cnn_layers"][0]["destinations"][0]["enable"] = False
    with pytest.raises(FormatError, match=r"\(core0, core1\) take maps of one shape"):
        graph_from_config(config, SPECK2F)
