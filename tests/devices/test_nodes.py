"""Graph of nodes: order, edges, lookup."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.nodes import INPUT, Flatten, Graph, Merge, window_count
from eventstore.errors import InvalidInput, NotFound


def flat(name: str) -> Flatten:
    return Flatten(name=name, input_shape=(1,), output_shape=(1,))


def test_a_chain_feeds_each_next_node() -> None:
    graph = Graph.chain((1,), (flat("a"), flat("b"), flat("c")))
    assert graph.edges == (("a", "b"), ("b", "c"))
    assert graph.is_chain
    assert [node.name for node in graph] == ["a", "b", "c"]
    assert graph["b"] is graph.nodes[1]


def test_branches_are_a_graph_but_no_chain() -> None:
    graph = Graph(
        input_shape=(1,), nodes=(flat("a"), flat("b"), flat("c")), edges=(("a", "b"), ("a", "c"))
    )
    assert not graph.is_chain
    assert (graph.targets("a"), graph.output_names) == (("b", "c"), ("b", "c"))


def test_a_merge_takes_the_input_beside_a_node() -> None:
    merge = Merge(name="m", input_shape=(1,), output_shape=(1,))
    edges = (("a", "m"), (INPUT, "m"))
    graph = Graph(input_shape=(1,), nodes=(flat("a"), flat("b"), merge), edges=edges)
    assert [graph.reads_input(name) for name in "abm"] == [True, True, True]
    assert (graph.sources("m"), graph.sources("b"), graph.output_names) == (("a",), (), ("b", "m"))
    with pytest.raises(InvalidInput, match="3 edges are only 2 different"):
        Graph(input_shape=(1,), nodes=(flat("a"), merge), edges=(*edges, edges[0]))


def test_an_unknown_name_gets_its_nearest() -> None:
    with pytest.raises(NotFound, match="conv1") as caught:
        Graph.chain((1,), (flat("conv1"),))["conv2"]
    assert "did you mean 'conv1'?" in caught.value.hint


def test_two_nodes_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2 nodes have only 1 names"):
        Graph.chain((1,), (flat("a"), flat("a")))


@pytest.mark.parametrize("edge", [("b", "a"), ("a", "a"), ("a", "z")])
def test_an_edge_that_does_not_run_forward_is_refused(edge: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput, match="does not run forward"):
        Graph(input_shape=(1,), nodes=(flat("a"), flat("b")), edges=(edge,))


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
)
def test_windows_are_counted_as_they_are_laid(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    last = np.arange(0, size + 2 * padding, stride) + dilation * (kernel - 1)
    count = int((last < size + 2 * padding).sum())
    told = window_count(size, kernel=kernel, stride=stride, padding=padding, dilation=dilation)
    assert max(told, 0) == count
