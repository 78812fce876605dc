"""Hand-over values: shapes, activity, joining of batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.results import LayerActivity, Link, QuantizedGraph, QuantizedLayer, SimResult
from eventstore.errors import InvalidInput


def activity(spikes: list[int], neurons: list[int], n_steps: int = 4) -> LayerActivity:
    return LayerActivity(
        name="a",
        spiking_name="b",
        spikes=np.array(spikes),
        input_spikes=np.array(spikes) * 2,
        synops=np.array(spikes) * 3,
        neuron_spikes=np.array(neurons).reshape(-1, 1, 1),
        n_steps=n_steps,
    )


def test_silence_saturation_and_rate() -> None:
    some = activity([3, 1], [4, 0])
    assert (some.n_neurons, some.silent_neurons, some.rate) == (2, 1, 0.5)
    assert not some.is_silent
    assert not some.is_saturated
    assert activity([0], [0, 0]).is_silent
    assert activity([8], [4, 4]).is_saturated
    assert activity([], [0], n_steps=0).rate == 0.0


@given(parts=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=4))
def test_activity_adds_up_over_batches(parts: list[list[int]]) -> None:
    joined = LayerActivity.joined([activity(part, [sum(part)], len(part)) for part in parts])
    every = [number for part in parts for number in part]
    assert joined.spikes.tolist() == every
    assert joined.synops.tolist() == [3 * number for number in every]
    assert joined.neuron_spikes.sum() == sum(every)
    assert joined.n_steps == len(every)


def result(output: np.ndarray) -> SimResult:
    return SimResult(layers=(activity([1] * len(output), [len(output)]),), output=output)


def test_the_first_of_equal_counts_is_predicted() -> None:
    found = result(np.array([[[0, 1, 1]], [[0, 0, 0]], [[1, 0, 2]]]))
    assert found.predictions.tolist() == [1, 0, 2]
    assert found.silent_outputs.tolist() == [False, True, False]


def test_batches_of_different_length_are_joined() -> None:
    short, long = np.ones((2, 3, 4), int), np.ones((1, 5, 4), int)
    joined = SimResult.joined([result(short), result(long)])
    assert joined.output.shape == (3, 5, 4)
    assert joined.counts.tolist() == [[3] * 4, [3] * 4, [5] * 4]


def layer(name: str) -> QuantizedLayer:
    return QuantizedLayer(
        name=name,
        spiking_name="b",
        input_shape=(2, 14, 8),
        weight=np.zeros((2, 2, 3, 4), np.int8),
        bias=None,
        stride=(2, 1),
        padding=(1, 0),
        threshold=1,
        lower_bound=0,
        reset="zero",
        scale=1.0,
        rescale=1.0,
    )


def graph(names: str, *links: Link) -> QuantizedGraph:
    layers = tuple(layer(name) for name in names)
    return QuantizedGraph(chip="x", input_shape=(2, 14, 8), layers=layers, links=links)


def test_shapes_of_a_layer() -> None:
    assert layer("a").neuron_shape == (2, 7, 5)


FIRST = Link(source=None, target="a")


def test_links_are_found_from_either_end() -> None:
    to_b, to_c = Link(source="a", target="b", pool=2), Link(source="a", target="c")
    q = graph("abc", FIRST, to_b, to_c)
    assert (q.into("a"), q.into("c"), q.out_of("a")) == ((FIRST,), (to_c,), (to_b, to_c))
    assert (q.out_of(None), q.output_names, q.is_chain) == ((FIRST,), ("b", "c"), False)


def test_a_chain_links_each_layer_to_the_next() -> None:
    layers = tuple(layer(name) for name in "abc")
    q = QuantizedGraph.chain(chip="x", input_shape=(2, 14, 8), layers=layers, pools=(1, 4))
    assert [(k.source, k.target, k.pool) for k in q.links] == [
        (None, "a", 1),
        ("a", "b", 1),
        ("b", "c", 4),
    ]
    assert (q.is_chain, q.output_names, q.input_map) == (True, ("c",), (2, 14, 8))
    assert QuantizedGraph.chain(chip="x", input_shape=(4,), layers=()).input_map == (4, 1, 1)


@pytest.mark.parametrize(
    ("names", "links", "message"),
    [
        ("aa", (FIRST,), "2 layers have only 1 names"),
        ("ab", (FIRST,), "nothing feeds layer 'b'"),
        ("ab", (FIRST, Link(source="b", target="b")), "b → b does not run forward"),
        ("a", (FIRST, Link(source="z", target="a")), "z → a does not run forward"),
        ("a", (FIRST, Link(source="a", target="z")), "a → z does not run forward"),
        ("a", (FIRST, FIRST), "the same source and target"),
        (
            "a",
            (Link(source=None, target="a", feature_shift=1),),
            "sends features 1 … 2, the target",
        ),
    ],
)
def test_links_that_make_no_network_are_refused(
    names: str, links: tuple[Link, ...], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        graph(names, *links)
