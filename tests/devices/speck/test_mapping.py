"""Core assignment: equal to the peer, and right whenever there is one."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.results import QuantizedGraph
from devices.speck.chip import NINE_CORES, SPECK2F, SPECK2F_DEVKIT, SpeckSpec
from devices.speck.mapping import assign_cores, explain_conflict, map_layers
from devices.speck.quantize import quantize_graph
from eventstore.errors import DoesNotFit

CANDIDATES = st.lists(
    st.lists(st.integers(0, 5), unique=True, max_size=4).map(sorted), min_size=1, max_size=5
)


def test_all_reference_assignments_are_equal(shared_oracles: Path) -> None:
    cases = json.loads((shared_oracles / "speck_mapping_cases.json").read_text())
    assert len(cases) == 100
    assert [assign_cores(case["cand"], 9) for case in cases] == [case["map"] for case in cases]


@pytest.mark.parametrize("name", ["seed", "variety"])
def test_cores_and_words_equal_the_reference(
    oracle: Callable[[str], Any], shared_oracles: Path, name: str
) -> None:
    meta = json.loads((shared_oracles / "speck_meta.json").read_text())[name]
    q = quantize_graph(oracle(name).graph, SPECK2F_DEVKIT)
    uses = map_layers(q, SPECK2F_DEVKIT, search="flow").uses
    assert {str(i): use.core for i, use in enumerate(uses)} == (
        meta["devices"]["speck2fdevkit"]["layer2core"]
    )
    for memory in ("kernel", "neuron", "bias"):
        words = {str(i): getattr(use, f"{memory}_words") for i, use in enumerate(uses)}
        assert words == meta["memory"][memory]
        assert all(
            getattr(use, f"{memory}_capacity") >= words[str(i)] for i, use in enumerate(uses)
        )


@given(candidates=CANDIDATES)
def test_an_assignment_is_found_whenever_there_is_one(candidates: list[list[int]]) -> None:
    cores = assign_cores(candidates, 6)
    possible = [
        order
        for order in itertools.permutations(range(6), len(candidates))
        if all(core in allowed for core, allowed in zip(order, candidates, strict=True))
    ]
    assert (cores is None) == (not possible)
    if cores is not None:
        assert tuple(cores) in possible


@given(candidates=CANDIDATES)
def test_the_explanation_names_layers_with_too_few_cores(candidates: list[list[int]]) -> None:
    if assign_cores(candidates, 6) is not None:
        return
    message = explain_conflict([f"L{i}." for i in range(len(candidates))], candidates, 6)
    rivals = [i for i in range(len(candidates)) if f"L{i}." in message]
    assert len({core for i in rivals for core in candidates[i]}) == len(rivals) - 1


def test_a_net_without_assignment_is_refused_by_name() -> None:
    spec = SpeckSpec(name="tiny", cores=(NINE_CORES[0], NINE_CORES[5]))
    graph = graph_from_model(
        snn.SpikingSequential(nn.Conv2d(64, 64, 3, padding=1), snn.IAF()), (64, 4, 4)
    )
    (layer,) = quantize_graph(graph, SPECK2F).layers
    twice = (layer, replace(layer, name="again"))
    q = QuantizedGraph.chain(chip="tiny", input_shape=(64, 4, 4), layers=twice)
    with pytest.raises(DoesNotFit, match="layers 0, again need a core each, but only core 1 has"):
        map_layers(q, spec)
    with pytest.raises(DoesNotFit, match="layers 0, again"):
        map_layers(q, spec, search="flow")
