"""Graphs from NIR: the same as from the model that was written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from torch import nn

import snn
from devices.chips import chip
from devices.graph import graph_from_model
from devices.nir_graph import graph_from_nir
from devices.nodes import Conv
from eventstore.errors import InvalidInput
from snn.nir.nodes import IF, Conv2d, Input, NIRGraph, Output
from tests.devices.branched_models import BranchedModel, branched_models


@given(model=branched_models(max_layers=5))
def test_a_branched_model_written_as_nir_is_the_same_network(model: BranchedModel) -> None:
    net = model.as_branching()
    target = chip("speck2f")
    direct = target.quantize(graph_from_model(net, model.input_shape))
    read = target.quantize(graph_from_nir(snn.to_nir(net, model.input_shape)))
    frames = model.frames(0)
    same = target.simulate(direct, frames).output
    np.testing.assert_array_equal(target.simulate(read, frames).output, same)


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF(), nn.Flatten(), nn.Linear(144, 3))
    snn.write_nir(tmp_path / "net.nir", snn.to_nir(net, (2, 8, 8)))
    for path in (tmp_path / "net.nir", str(tmp_path / "net.nir")):
        assert [node.name for node in graph_from_nir(path)] == ["0", "1", "2", "3"]


def test_neurons_that_leak_stay_and_are_refused_by_name() -> None:
    net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.LIF(tau_mem=0.02))
    findings = chip("speck2f").check(graph_from_nir(snn.to_nir(net, (2, 8, 8))))
    assert [(f.check, f.where) for f in findings if f.is_error] == [("neuron-kind", "0")]


def foreign(shape: tuple[int, ...]) -> NIRGraph:
    ones = np.ones((4, 6, 6), np.float32)
    nodes = {
        "in": Input(shape=shape),
        "conv": Conv2d(
            weight=np.ones((4, 2, 3, 3), np.float32),
            stride=(1, 1),
            padding=(0, 0),
            dilation=(1, 1),
            groups=1,
            bias=np.zeros(4, np.float32),
        ),
        "fire": IF(r=ones * 500, v_threshold=ones),
        "out": Output(shape=(4, 6, 6)),
    }
    edges = (("in", "conv"), ("conv", "fire"), ("fire", "out"))
    return NIRGraph(nodes=nodes, edges=edges)


def test_resistances_go_into_weights() -> None:
    conv, fire = graph_from_nir(foreign((2, 8, 8)), dt=1e-3)
    assert isinstance(conv, Conv)
    np.testing.assert_allclose(conv.weight, 0.5, rtol=1e-6)
    assert (conv.name, fire.name) == ("conv", "fire")


def test_an_input_without_shape_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no shape"):
        graph_from_nir(foreign(()))
