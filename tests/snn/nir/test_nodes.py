import numpy as np
import pytest

from eventstore.errors import InvalidInput
from snn.nir.nodes import LIF, NODES, Affine, Conv2d, Flatten, Input, Linear, NIRGraph, Output


def lif(**options: object) -> LIF:
    numbers = {"tau": 0.01, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0} | options
    return LIF(**numbers)  # type: ignore[arg-type]


def test_numbers_of_one_neuron_each_get_one_shape() -> None:
    node = lif(tau=np.full(3, 0.01), v_reset=-1)
    assert {a.shape for a in (node.tau, node.r, node.v_threshold, node.v_reset) if a is not None}
    assert node.r.shape == node.v_leak.shape == node.v_threshold.shape == (3,)
    assert node.r.dtype == np.float64


def test_whole_numbers_become_floats_and_shapes_become_whole() -> None:
    assert Linear(weight=np.ones((2, 2), int)).weight.dtype == np.float32
    assert Input(shape=np.array([2, 4])).shape == (2, 4)  # type: ignore[arg-type]
    node = Flatten(input_type=(2, 4), start_dim=np.int64(0), end_dim=np.array(-1))  # type: ignore[arg-type]
    assert (node.start_dim, node.end_dim) == (0, -1)


def test_arrays_of_neurons_that_differ_in_shape_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"LIF: arrays of .* tau \(3,\).*r \(2,\)"):
        lif(tau=np.full(3, 0.01), r=np.ones(2))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(bad: float) -> None:
    with pytest.raises(InvalidInput, match="bias holds numbers that are not finite") as caught:
        Affine(weight=np.ones((1, 1)), bias=np.array([bad]))
    assert "NaN" in str(caught.value.hint)


def test_text_in_place_of_numbers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="weight is 'w', not numbers"):
        Linear(weight="w")  # type: ignore[arg-type]


def test_padding_is_numbers_or_one_of_two_words() -> None:
    rest = {"weight": np.ones((1, 1, 1, 1)), "stride": 1, "dilation": 1, "groups": 1}
    conv = Conv2d(padding=b"same", bias=np.zeros(1), **rest)  # type: ignore[arg-type]
    assert conv.padding == "same"
    with pytest.raises(InvalidInput, match="unknown padding 'some'"):
        Conv2d(padding="some", bias=np.zeros(1), **rest)  # type: ignore[arg-type]


def test_a_graph_has_the_nodes_its_edges_name() -> None:
    nodes = {"input": Input(shape=(1,)), "output": Output(shape=(1,))}
    with pytest.raises(InvalidInput, match="input → fc: there is no node 'fc'"):
        NIRGraph(nodes=nodes, edges=(("input", "fc"),))
    with pytest.raises(InvalidInput, match="input → output is there twice"):
        NIRGraph(nodes=nodes, edges=(("input", "output"),) * 2)


def test_kinds_are_named_as_in_files() -> None:
    assert {name: kind.__name__ for name, kind in NODES.items()} == {name: name for name in NODES}
    assert len(NODES) == 19
