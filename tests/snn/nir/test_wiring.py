from collections.abc import Mapping

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from snn.nir.kept import keep
from snn.nir.nodes import IF, LI, Affine, Input, Linear, NIRGraph, Node, Output, Scale, Threshold
from snn.nir.wiring import Fork, Link, layers_of

ONE = np.ones(2, np.float32)
ENDS: dict[str, Node] = {"in": Input(shape=(2,)), "out": Output(shape=(2,))}
FC = Linear(weight=np.ones((2, 2), np.float32))
NEURONS = IF(r=ONE, v_threshold=ONE)


def graph(edges: str, **nodes: Node) -> NIRGraph:
    """Return a graph of edges such as ``"in-fc fc-out"``; nodes not given are linear."""
    pairs = tuple((a, b) for a, _, b in (edge.partition("-") for edge in edges.split()))
    named: dict[str, Node] = dict(ENDS)
    named |= {name: FC for pair in pairs for name in pair if name not in ENDS}
    return NIRGraph(nodes=named | nodes, edges=pairs)


def names(of: NIRGraph) -> list[str]:
    return [layer.name for layer in layers_of(of)]


def fork(of: NIRGraph) -> Fork:
    (found,) = (layer for layer in layers_of(of) if isinstance(layer, Fork))
    return found


def test_a_chain_is_in_order_whatever_the_order_of_its_edges() -> None:
    assert names(graph("b-c in-a c-out a-b")) == ["a", "b", "c"]
    assert names(graph("in-out")) == []


def test_subgraphs_open_and_their_nodes_have_dotted_names() -> None:
    inner = graph("in-x x-y y-out")
    outer = graph("in-a a-deep deep-b b-out", deep=graph("in-inner inner-out", inner=inner))
    assert names(outer) == ["a", "deep.inner.x", "deep.inner.y", "b"]
    assert names(graph("in-empty empty-b b-out", empty=graph("in-out"))) == ["b"]


def test_a_threshold_joins_the_integrator_before_it() -> None:
    leaky = LI(tau=ONE, r=ONE, v_leak=0 * ONE)
    spikes = Threshold(threshold=ONE)
    (a, one) = layers_of(graph("in-a a-v v-s s-out", v=leaky, s=spikes))
    assert isinstance(one, Link)
    assert (a.name, one.name, one.threshold) == ("a", "v", spikes)
    with pytest.raises(InvalidInput, match="threshold 's' follows a"):
        layers_of(graph("in-a a-s s-out", s=spikes))
    with pytest.raises(InvalidInput, match="'v' feeds s, out, not 's' alone"):
        layers_of(graph("in-v v-s s-out v-out", v=leaky, s=spikes))


@pytest.mark.parametrize("way", [FC, Affine(weight=np.ones((2, 2)), bias=ONE), Scale(scale=ONE)])
def test_a_weight_back_to_neurons_is_theirs(way: Node) -> None:
    flat = graph("in-n n-w w-n n-out", n=NEURONS, w=way)
    nested = graph("in-r r-out", r=flat)
    around = graph("in-r r-w w-r r-out", r=graph("in-n n-out", n=NEURONS), w=way)
    for one, name in ((flat, "n"), (nested, "r.n"), (around, "r.n")):
        (found,) = layers_of(one)
        assert isinstance(found, Link)
        assert (found.name, found.feedback) == (name, way)


def test_an_edge_back_to_the_same_neurons_is_a_weight_of_one() -> None:
    (found,) = layers_of(graph("in-n n-n n-out", n=NEURONS))
    assert isinstance(found, Link)
    assert isinstance(found.feedback, Scale)
    assert found.feedback.scale == 1


def test_spikes_of_a_threshold_may_go_back() -> None:
    leaky = LI(tau=ONE, r=ONE, v_leak=0 * ONE)
    (found,) = layers_of(graph("in-v v-s s-w w-v s-out", v=leaky, s=Threshold(threshold=ONE)))
    assert isinstance(found, Link)
    assert found.feedback is FC
    assert found.threshold is not None
    with pytest.raises(InvalidInput, match=r"'v' \(LI\) has a way back and no spikes"):
        layers_of(graph("in-v v-w w-v v-out", v=leaky))


def test_two_ways_back_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'n' \(IF\) has more than one way back"):
        layers_of(graph("in-n n-w w-n n-u u-n n-out", n=NEURONS))


@pytest.mark.parametrize("edges", ["in-a a-b b-a b-out", "in-n n-a a-b b-n n-out"])
def test_other_cycles_are_refused_by_name(edges: str) -> None:
    with pytest.raises(InvalidInput, match=r"the cycle .* → .* is no recurrent layer") as caught:
        layers_of(graph(edges, n=NEURONS) if "n-a" in edges else graph(edges))
    assert "single weight back" in str(caught.value.hint)


def test_paths_that_part_and_meet_are_one_layer() -> None:
    layers = layers_of(graph("in-a a-b a-c b-d c-d d-e e-out"))
    assert [layer.name for layer in layers] == ["a", "branches", "e"]
    found = fork(graph("in-a a-b a-c b-d c-d d-e e-out"))
    assert {link.name for link in found.links} == {"b", "c", "d"}
    assert found.sources == {"b": ("input",), "c": ("input",), "d": ("b", "c")}
    assert found.outputs == ("d",)


def test_paths_may_meet_in_the_output_or_skip_everything() -> None:
    found = fork(graph("in-a a-out in-b b-out in-out"))
    assert found.sources == {"a": ("input",), "b": ("input",)}
    assert found.outputs == ("a", "b", "input")


def test_a_subgraph_whose_output_sums_is_a_fork_of_its_own_and_of_its_name() -> None:
    inner = graph("in-x in-y x-out y-out")
    layers = layers_of(graph("in-a a-two two-b b-out", two=inner))
    assert [layer.name for layer in layers] == ["a", "two", "b"]
    found = fork(graph("in-a a-two two-b b-out", two=inner))
    assert [link.name for link in found.links] == ["x", "y"]
    assert found.outputs == ("x", "y")


def test_a_subgraph_that_we_call_one_layer_stays_whole() -> None:
    inner = graph("in-x x-out x-y y-out")
    ours = NIRGraph(nodes=inner.nodes, edges=inner.edges, metadata=keep({"layer": "Branching"}))
    outer = graph("in-a a-two two-b b-out", two=ours)
    assert names(outer) == ["a", "two", "b"]
    found = fork(outer)
    assert found.sources == {"x": ("input",), "y": ("x",)}
    assert found.outputs == ("x", "y")
    assert [layer.name for layer in layers_of(outer, trust=False)] == ["a", "two.x", "two", "b"]


def test_a_whole_subgraph_may_be_a_chain() -> None:
    inner = graph("in-x x-n n-w w-n n-out", n=NEURONS)
    ours = NIRGraph(nodes=inner.nodes, edges=inner.edges, metadata=keep({"layer": "Branching"}))
    found = fork(graph("in-two two-out", two=ours))
    assert (found.name, found.outputs) == ("two", ("n",))


def test_a_sum_within_a_fork_is_opened() -> None:
    inner = graph("in-x in-y x-out y-out")
    found = fork(graph("in-two two-b in-b b-out", two=inner))
    assert found.sources["b"] == ("two.x", "two.y", "input")
    with pytest.raises(InvalidInput, match="two ways lead from 'in' to 'b'"):
        layers_of(graph("in-two two-b in-b b-out", two=graph("in-x x-out in-out")))


def test_nodes_come_in_the_order_of_the_file_where_edges_allow() -> None:
    nodes: dict[str, Node] = {"in": ENDS["in"]} | dict.fromkeys("badc", FC) | {"out": ENDS["out"]}
    edges = tuple((a, b) for x in "abcd" for a, b in (("in", x), (x, "out")))
    assert [link.name for link in fork(NIRGraph(nodes=nodes, edges=edges)).links] == [*"badc"]
    edges = (*edges, ("c", "b"))
    assert [link.name for link in fork(NIRGraph(nodes=nodes, edges=edges)).links] == [*"adcb"]


def test_sums_keep_the_order_of_the_file() -> None:
    found = fork(graph("in-z in-y in-x x-s z-s y-s s-out"))
    assert found.sources["s"] == ("x", "z", "y")


@pytest.mark.parametrize(
    ("edges", "nodes", "said"),
    [
        ("in-a", {}, "nothing reaches 'out'"),
        ("in-a a-out b-c", {}, "nothing reaches 'b', 'c'"),
        ("in-a a-out a-b", {}, "nothing comes out of 'b'"),
        ("in-a a-out b-a", {}, "nothing reaches 'b'"),
        ("in-a a-out in2-a", {"in2": Input(shape=(2,))}, "2 Input nodes: in, in2"),
        ("in-a a-out a-out2", {"out2": Output(shape=(2,))}, "2 Output nodes: out, out2"),
    ],
)
def test_ends_and_nodes_beside_the_way_are_named(
    edges: str, nodes: Mapping[str, Node], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        layers_of(graph(edges, **nodes))
    assert caught.value.hint


def test_a_subgraph_of_two_inputs_is_refused() -> None:
    inner = graph("in-x in2-x x-out", in2=Input(shape=(2,)))
    with pytest.raises(InvalidInput, match="subgraph 'two' has 2 Input nodes"):
        layers_of(graph("in-two two-out", two=inner))
    with pytest.raises(InvalidInput, match="the graph has 0 Input nodes"):
        layers_of(NIRGraph(nodes={"out": ENDS["out"]}, edges=()))
