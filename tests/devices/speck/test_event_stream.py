"""The event-driven simulator equals the literal rule, however the stream is cut into chunks."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.results import QuantizedGraph
from devices.speck.event_stream import ChipState, Spikes, input_rows, run_events, stream_events
from devices.speck.program import Program, compile_program
from devices.speck.sensor import SensorLayer
from devices.speck.sim_settings import Order, SimSettings
from eventstore.errors import InvalidInput
from eventstore.events import Events
from tests.devices.speck.literal_chip import LiteralChip
from tests.devices.speck.random_nets import quantized_nets, random_events
from tests.devices.speck.small_layers import one_weight_layer

BOTH = np.full((1, 2, 1, 1), 10, np.int8)


def rows_of(program: Program, spikes: Spikes) -> list[tuple[int, str, int, int, int]]:
    columns = (spikes.t, spikes.core, spikes.c, spikes.y, spikes.x)
    rows = np.stack([column.astype(np.int64) for column in columns], axis=1).tolist()
    return [(t, program.names[core], c, y, x) for t, core, c, y, x in rows]


def all_layers(q: QuantizedGraph) -> tuple[str, ...]:
    return tuple(layer.name for layer in q.layers)


@settings(max_examples=60)
@given(
    q=quantized_nets(),
    seed=st.integers(0, 1000),
    order=st.sampled_from(["depth-first", "breadth-first"]),
    decimate=st.booleans(),
)
def test_event_by_event_as_the_literal_rule(
    *, q: QuantizedGraph, seed: int, order: Order, decimate: bool
) -> None:
    events = random_events(q, seed, n=40, duration=90)
    one_of = {q.layers[0].name: 2} if decimate else {}
    chosen = SimSettings(
        order=order, slow_clock_us=25, window_us=30, monitor=all_layers(q), decimate=one_of
    )
    program = compile_program(q, chosen)
    literal = LiteralChip(q, order=order, period=25, decimate=one_of)
    literal.run(events.tolist(), t_stop=120)
    spikes, state = run_events(ChipState.start(program), events, t_stop_us=120)
    assert rows_of(program, spikes) == literal.spikes
    for name, activity in zip(program.names, state.activities, strict=True):
        assert activity.synops == literal.synops[name]
        assert activity.received == literal.received[name]
        membrane, fired = state.membrane(name), state.neuron_spikes(name)
        assert all(membrane[at] == literal.v[name, *at] for at in np.ndindex(membrane.shape))
        assert all(fired[at] == literal.fired[name, *at] for at in np.ndindex(fired.shape))
        assert activity.spikes == fired.sum()
        assert activity.sent == sum(spike[1] == name for spike in literal.spikes)


@settings(max_examples=25)
@given(
    q=quantized_nets(max_layers=5),
    seed=st.integers(0, 1000),
    cuts=st.lists(st.integers(0, 60), max_size=5),
    order=st.sampled_from(["depth-first", "breadth-first"]),
)
def test_chunks_give_what_the_whole_gives(
    *, q: QuantizedGraph, seed: int, cuts: list[int], order: Order
) -> None:
    events = random_events(q, seed, n=60, duration=100)
    chosen = SimSettings(order=order, slow_clock_us=30, window_us=20, monitor=all_layers(q))
    program = compile_program(q, chosen)
    whole, end = run_events(ChipState.start(program), events, t_stop_us=100)
    state, parts = ChipState.start(program), []
    for chunk in np.split(events, sorted(cuts)):
        spikes, state = run_events(state, chunk)
        parts += rows_of(program, spikes)
    spikes, state = run_events(state, events[:0], t_stop_us=100)
    assert parts + rows_of(program, spikes) == rows_of(program, whole)
    assert state.activities == end.activities
    np.testing.assert_array_equal(state.memory.membrane, end.memory.membrane)


def small(**changes: Any) -> Program:
    q = QuantizedGraph.chain(
        chip="any", input_shape=(1, 4, 4), layers=(one_weight_layer("one", weight=6),)
    )
    return compile_program(q, SimSettings(**changes))


@pytest.mark.parametrize(
    ("rows", "stop", "message"),
    [
        ([[3, 0, 0, 0], [2, 0, 0, 0]], None, "event 1 is at 2 µs, after one at 3 µs"),
        ([[-1, 0, 0, 0]], None, "event 0 is at -1 µs, after one at 0 µs"),
        ([[3, 0, 0, 0]], 3, "t_stop_us = 3 is not after the last event, at 3 µs"),
        (
            [[3, 0, 0, 0], [4, 0, 4, 0]],
            None,
            "event 1 at (c, y, x) = (0, 4, 0) is outside the network's input map (1, 4, 4)",
        ),
    ],
)
def test_events_that_cannot_be_are_refused(
    rows: list[list[int]], stop: int | None, message: str
) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        run_events(ChipState.start(small()), np.array(rows), t_stop_us=stop)


@pytest.mark.parametrize("wrong", [np.zeros((2, 4)), np.zeros((2, 3), np.int64)])
def test_rows_of_another_kind_are_refused(wrong: np.ndarray) -> None:
    message = f"events are {wrong.dtype}{list(wrong.shape)}, expected int64[n, 4]"
    with pytest.raises(InvalidInput, match=re.escape(message)):
        run_events(ChipState.start(small()), wrong)


def test_a_state_is_a_value() -> None:
    start = ChipState.start(small())
    event = np.array([[5, 0, 1, 2]])
    _, once = run_events(start, event)
    spikes, twice = run_events(once, event)
    assert (start.membrane("one").sum(), once.membrane("one")[0, 1, 2]) == (0, 6)
    assert (twice.membrane("one")[0, 1, 2], len(spikes), twice.t_us) == (2, 1, 5)
    assert len(run_events(once, event)[0]) == 1  # the same again from the same state


def test_the_busiest_window_is_counted() -> None:
    rows = np.array([[t, 0, 0, 0] for t in (0, 1, 10, 11, 12, 35)])
    _, state = run_events(ChipState.start(small(window_us=10)), rows)
    assert (state.activities[0].synops, state.activities[0].peak_synops) == (6, 3)
    _, late = run_events(state, rows[:4] * 0 + [36, 0, 0, 0])
    assert late.activities[0].peak_synops == 5  # the window that is still open counts


def test_tables_of_events_stream_through() -> None:
    q = QuantizedGraph.chain(
        chip="any",
        input_shape=(2, 4, 4),
        layers=(replace(one_weight_layer("one"), input_shape=(2, 4, 4), weight=BOTH),),
    )
    program = compile_program(q)
    chunks = [Events.of(t=[t, t + 1], x=[1, 2], y=[3, 0], p=[1, 0]) for t in (0, 5)]
    parts = list(stream_events(program, chunks, t_stop_us=50))
    assert [len(spikes) for spikes, _ in parts] == [2, 2, 0]
    assert [state.t_us for _, state in parts] == [1, 6, 50]
    assert parts[0][0].x.tolist() == [1, 2]
    assert parts[0][0].y.tolist() == [3, 0]


def test_a_sensor_layer_that_does_not_match_is_refused() -> None:
    message = "the sensor layer makes maps (2, 32, 32), the network takes (1, 4, 4)"
    with pytest.raises(InvalidInput, match=re.escape(message)):
        next(stream_events(small(), [], sensor=SensorLayer(pool=(4, 4))))


def test_both_polarities_need_two_features() -> None:
    on = Events.of(t=[1], x=[1], y=[3], p=[1])
    with pytest.raises(InvalidInput, match="takes one feature") as error:
        input_rows(small(), on)
    assert error.value.hint == "merge them: SensorLayer(merge_polarities=True)"


def test_channels_of_sound_are_features() -> None:
    layer = replace(
        one_weight_layer("one"), input_shape=(64, 1, 1), weight=np.ones((1, 64, 1, 1), np.int8)
    )
    q = QuantizedGraph.chain(chip="any", input_shape=(64,), layers=(layer,))
    rows = input_rows(compile_program(q), Events.of(t=[1, 2], x=[63, 0]))
    assert rows.tolist() == [[1, 63, 0, 0], [2, 0, 0, 0]]
