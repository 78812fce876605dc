"""The kernels: what saturates, what waits, and in which order spikes go."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.results import Link, QuantizedGraph
from devices.speck.event_kernels import add_run
from devices.speck.event_stream import ChipState, run_events
from devices.speck.program import compile_program
from devices.speck.sim_settings import Order, SimSettings
from tests.devices.speck.small_layers import one_weight_layer


@given(
    states=st.lists(st.integers(-(2**15), 2**15 - 1), max_size=70),
    seed=st.integers(0, 1000),
    low=st.integers(-(2**15), 0),
    threshold=st.integers(1, 2**15 - 1),
)
def test_a_run_saturates_and_tells_who_is_up(
    states: list[int], seed: int, low: int, threshold: int
) -> None:
    weights = np.random.default_rng(seed).integers(-128, 128, len(states) + 3).astype(np.int8)
    all_states = np.array([7, 7, *states, 7], np.int16)
    hit = add_run(all_states, weights, (2, 3, len(states)), (threshold, low))
    wide = np.array(states, np.int64) + weights[3:]
    expected = np.maximum(np.clip(wide, -(2**15), 2**15 - 1), low)
    assert all_states.tolist() == [7, 7, *expected.tolist(), 7]
    assert hit == bool((expected >= threshold).any())


def diamond() -> QuantizedGraph:
    """Return a layer that feeds two, both of which feed a last one that fires for either two."""
    top, left, right, last = (one_weight_layer(n) for n in ("top", "left", "right", "last"))
    links = [Link(source=None, target="top")]
    links += [Link(source="top", target=side) for side in ("left", "right")]
    links += [Link(source=side, target="last") for side in ("left", "right")]
    wide = replace(top, weight=np.full((1, 1, 1, 2), 10, np.int8))
    sides = (replace(side, input_shape=(1, 4, 3)) for side in (left, right))
    last = replace(last, weight=np.full((1, 1, 1, 1), 6, np.int8), threshold=12)
    layers = (wide, *sides, replace(last, input_shape=(1, 4, 3)))
    return QuantizedGraph(chip="any", input_shape=(1, 4, 4), layers=layers, links=tuple(links))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("depth-first", "top0 left0 right0 last0 top1 left1 right1 last1"),
        ("breadth-first", "top0 top1 left0 left1 right0 right1 last0 last1"),
    ],
)
def test_spikes_of_one_event_go_in_order(order: Order, expected: str) -> None:
    monitor = ("top", "left", "right", "last")
    program = compile_program(diamond(), SimSettings(order=order, monitor=monitor))
    spikes, _ = run_events(ChipState.start(program), np.array([[5, 0, 2, 1]]))
    told = [f"{program.names[core]}{x}" for core, x in zip(spikes.core, spikes.x, strict=True)]
    assert told == expected.split()


@pytest.mark.parametrize(("order", "fired"), [("depth-first", [0, 1]), ("breadth-first", [1])])
def test_the_orders_differ_where_branches_meet(order: Order, fired: list[int]) -> None:
    # The first neuron hears +6 +6 −6 −6, or +6 −6 +6 −6: it needs two of the same to fire.
    q = diamond()
    last = replace(q.layers[3], weight=np.array([[[[6, -6]]]], np.int8))
    program = compile_program(replace(q, layers=(*q.layers[:3], last)), SimSettings(order=order))
    spikes, _ = run_events(ChipState.start(program), np.array([[5, 0, 2, 1]]))
    assert spikes.x.tolist() == fired


def test_the_list_of_spikes_grows() -> None:
    program = compile_program(
        QuantizedGraph.chain(chip="any", input_shape=(1, 4, 4), layers=(one_weight_layer("one"),))
    )
    events = np.zeros((5000, 4), np.int64)
    events[:, 0] = np.arange(5000)
    spikes, state = run_events(ChipState.start(program), events)
    assert spikes.t.tolist() == list(range(5000))
    assert state.neuron_spikes("one")[0, 0, 0] == 5000
