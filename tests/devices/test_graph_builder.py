"""Graphs built node by node: names, sums, and what reaches the output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from devices.graph_builder import GraphBuilder, Value
from eventstore.errors import InvalidInput


@given(
    ways=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True), max_size=9),
    last=st.integers(0, 9),
)
def test_a_graph_holds_just_what_reaches_the_output(ways: list[list[int]], last: int) -> None:
    builder = GraphBuilder((1,))
    made = [builder.input]
    feeds: dict[str, set[str]] = {builder.input.name: set()}
    for way in ways:
        values = {made[at % len(made)].name: made[at % len(made)] for at in way}
        merged = builder.merge("merge", list(values.values()))
        value = builder.module("fc", nn.Linear(1, 1), merged)
        feeds[value.name] = set().union(*(feeds[name] | {name} for name in values))
        made.append(value)
    output = made[last % len(made)]
    layers = {name for name in feeds[output.name] | {output.name} if name.startswith("fc")}
    graph = builder.graph(output)
    assert {node.name for node in graph if node.name.startswith("fc")} == layers
    assert graph.output_names == ((output.name,) if len(graph) else ())


def test_one_value_is_its_own_sum_and_one_twice_is_none() -> None:
    builder = GraphBuilder((2,))
    a = builder.module("a", nn.Linear(2, 2), builder.input)
    assert builder.merge("sum", [a]) is a
    with pytest.raises(InvalidInput, match="'sum' adds something to itself") as caught:
        builder.merge("sum", [a, Value(a.name, a.shape)])
    assert "double the weights" in caught.value.hint


def test_a_norm_of_another_width_is_refused() -> None:
    builder = GraphBuilder((3, 2, 2))
    with pytest.raises(InvalidInput, match=r"takes 2 channels, what comes in is \(3, 2, 2\)"):
        builder.module("norm", nn.BatchNorm2d(2), builder.input)


def test_names_that_are_taken_get_a_number() -> None:
    builder = GraphBuilder((2,))
    first = builder.module("a", nn.Linear(2, 2), builder.input)
    second = builder.module("a", nn.Linear(2, 2), first)
    assert (first.name, second.name, builder.free_name("a")) == ("a", "a#2", "a#3")
