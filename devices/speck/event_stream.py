"""Run a quantised network on a stream of events, chunk by chunk, in memory that does not grow.

The state is a value: a chunk and a state go in, spikes and a new state come out. However a stream
is cut into chunks, the spikes are the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int16, Int64, UInt8, UInt16

from devices.speck.event_kernels import run_breadth_first, run_depth_first
from devices.speck.program import Memory, Program
from devices.speck.sensor import SensorLayer
from eventstore.errors import InvalidInput
from eventstore.events import Events


@dataclass(frozen=True, slots=True, eq=False)
class Spikes:
    """Spikes that monitored cores sent, in the order in which the simulator had them.

    Args:
        t: time of the event that caused it, in µs (in time steps for frames).
        core: index of the layer in the network.
        c: feature.
        y: row of the neuron, before pooling.
        x: column of the neuron, before pooling.
    """

    t: Int64[np.ndarray, " n"]
    core: UInt8[np.ndarray, " n"]
    c: UInt16[np.ndarray, " n"]
    y: UInt16[np.ndarray, " n"]
    x: UInt16[np.ndarray, " n"]

    def __len__(self) -> int:
        """Return the number of spikes."""
        return len(self.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreActivity:
    """What one core did since the start of a stream.

    Args:
        name: name of its layer.
        received: spikes that came in.
        synops: synaptic operations: for each of them, the neurons it reached.
        spikes: spikes of its neurons.
        sent: those that its decimator let through.
        peak_synops: synaptic operations in the busiest window.
    """

    name: str
    received: int
    synops: int
    spikes: int
    sent: int
    peak_synops: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChipState:
    """A network in the middle of a stream.

    Args:
        program: the network.
        memory: its states and counters.
        t_us: time up to which it has run.
    """

    program: Program
    memory: Memory
    t_us: int

    @classmethod
    def start(cls, program: Program) -> "ChipState":
        """Return the state before the first event: all membranes at zero."""
        return cls(program=program, memory=program.new_memory(), t_us=0)

    def membrane(self, name: str) -> Int16[np.ndarray, "c y x"]:
        """Return the membrane states of a layer."""
        return self._of_layer(self.memory.membrane, name)

    def neuron_spikes(self, name: str) -> Int64[np.ndarray, "c y x"]:
        """Return how often each neuron of a layer has fired."""
        return self._of_layer(self.memory.neurons[:, 0], name)

    @property
    def activities(self) -> tuple[CoreActivity, ...]:
        """What each core did, in the order of the layers."""
        return tuple(
            CoreActivity(
                name=name,
                received=int(core["received"]),
                synops=int(core["synops"]),
                spikes=int(core["spikes"]),
                sent=int(core["sent"]),
                peak_synops=int(max(core["peak_synops"], core["window_synops"])),
            )
            for name, core in zip(self.program.names, self.memory.cores, strict=True)
        )

    def _of_layer(self, values: np.ndarray, name: str) -> np.ndarray:
        at = self.program.place_of(name)
        features, rows, columns = self.program.q.layers[at].neuron_shape
        begin = int(self.program.cores["first_neuron"][at])
        layer = values[begin : begin + features * rows * columns]
        return layer.reshape(rows, columns, features).transpose(2, 0, 1).copy()


def run_events(
    state: ChipState, events: Int64[np.ndarray, "n 4"], *, t_stop_us: int | None = None
) -> tuple[Spikes, ChipState]:
    """Take the next events of a stream.

    Args:
        state: the network so far; it stays as it is.
        events: rows (t, feature, y, x), by time; t in µs from the start of the stream.
        t_stop_us: where the slow clock runs on to, this time excluded, after the last event; None:
            it waits for the next event.

    Returns: spikes of the monitored layers, and the new state.

    Raises:
        InvalidInput: events are not rows of integers, out of order, outside the input map, or not
            before ``t_stop_us``.
    """
    t_last = int(events[-1, 0]) if len(events) else state.t_us
    t_stop = t_last if t_stop_us is None else t_stop_us
    _check_rows(state, events, None if t_stop_us is None else t_stop_us)
    memory = Memory(*(array.copy() for array in state.memory))
    depth_first = state.program.settings.order == "depth-first"
    run = run_depth_first if depth_first else run_breadth_first
    table = run(tuple(state.program.wiring), tuple(memory), np.ascontiguousarray(events), t_stop)
    spikes = Spikes(
        table[:, 0].copy(),
        table[:, 1].astype(np.uint8),
        *(table[:, column].astype(np.uint16) for column in (2, 3, 4)),
    )
    return spikes, ChipState(program=state.program, memory=memory, t_us=max(t_last, t_stop))


def stream_events(
    program: Program,
    chunks: Iterable[Events],
    *,
    sensor: SensorLayer | None = None,
    t_stop_us: int | None = None,
) -> Iterator[tuple[Spikes, ChipState]]:
    """Run a network on a stream of event tables; yield spikes and state after each.

    Memory is that of one chunk and one state, however long the stream.

    Args:
        program: the network.
        chunks: tables of events, one after the other in time.
        sensor: the layer that moves and drops events before the network; None: there is none.
        t_stop_us: end of the stream; the slow clock runs on to it after the last event. None:
            it stops at the last event.

    Raises:
        InvalidInput: what the sensor layer makes is not the network's input, or as `run_events`.

    Examples:
        Half of a 128 × 128 camera, to one neuron that fires at every second event:

        >>> import numpy as np
        >>> from devices.results import QuantizedGraph, QuantizedLayer
        >>> from devices.speck.program import compile_program
        >>> neuron = QuantizedLayer(
        ...     name="any", spiking_name="spk", input_shape=(1, 16, 32), bias=None, stride=(1, 1),
        ...     weight=np.full((1, 1, 16, 32), 5, np.int8), padding=(0, 0), threshold=10,
        ...     lower_bound=-10, reset="subtract", scale=1.0, rescale=1.0,
        ... )
        >>> q = QuantizedGraph.chain(chip="speck2f", input_shape=(1, 16, 32), layers=(neuron,))
        >>> top = SensorLayer(merge_polarities=True, pool=(4, 4), crop=(0, 0, 16, 32))
        >>> chunks = [Events.of(t=[t, t + 1], x=[3, 9], y=[60, 70], p=[1, 0]) for t in (0, 10, 20)]
        >>> for spikes, state in stream_events(compile_program(q), chunks, sensor=top):
        ...     print(spikes.t, state.activities[0].synops)
        [] 1
        [10] 2
        [] 3
    """
    if sensor is not None and sensor.output_shape != program.q.input_map:
        message = f"the sensor layer makes maps {sensor.output_shape}, the network takes "
        message += f"{program.q.input_map}"
        raise InvalidInput(message, hint="choose pool, crop and merge_polarities to match")
    state = ChipState.start(program)
    for chunk in chunks:
        rows = input_rows(program, chunk) if sensor is None else sensor.events(chunk)
        spikes, state = run_events(state, rows)
        yield spikes, state
    if t_stop_us is not None:
        yield run_events(state, np.zeros((0, 4), np.int64), t_stop_us=t_stop_us)


def input_rows(program: Program, events: Events) -> Int64[np.ndarray, "n 4"]:
    """Return a table of events as rows (t, feature, y, x) for a network.

    The feature is the polarity; where the network takes a list of channels (one pixel, more than
    two features), it is the channel, which tables of audio hold in ``x``.

    Raises:
        InvalidInput: the table has both polarities and the network takes one feature.
    """
    features, height, width = program.q.input_map
    rows = np.zeros((len(events), 4), np.int64)
    rows[:, 0] = events.t
    if (height, width) == (1, 1) and features > 2:
        rows[:, 1] = events.x
        return rows
    if features == 1 and events.p.any():
        message = "the network takes one feature, and the events have two polarities"
        raise InvalidInput(message, hint="merge them: SensorLayer(merge_polarities=True)")
    rows[:, 1], rows[:, 2], rows[:, 3] = events.p, events.y, events.x
    return rows


def _check_rows(state: ChipState, events: np.ndarray, t_stop: int | None) -> None:
    if events.dtype != np.int64 or events.ndim != 2 or events.shape[1] != 4:
        message = f"events are {events.dtype}{list(events.shape)}, expected int64[n, 4]: "
        message += "rows (t, feature, y, x)"
        raise InvalidInput(message, hint="make them from a table of events: input_rows(…)")
    times = np.concatenate([[state.t_us], events[:, 0]])
    back = np.flatnonzero(np.diff(times) < 0)
    if len(back):
        at = int(back[0])
        message = f"event {at} is at {times[at + 1]} µs, after one at {times[at]} µs"
        raise InvalidInput(message, hint="sort events by time, and give chunks one after the other")
    if t_stop is not None and times[-1] > t_stop - bool(len(events)):
        message = f"t_stop_us = {t_stop} is not after the last event, at {times[-1]} µs"
        raise InvalidInput(message, hint="stop later, or leave t_stop_us out")
    shape = state.program.q.input_map
    outside = np.flatnonzero(((events[:, 1:] < 0) | (events[:, 1:] >= shape)).any(axis=1))
    if len(outside):
        at = int(outside[0])
        place = tuple(events[at, 1:].tolist())
        message = f"event {at} at (c, y, x) = {place} is outside the network's input map {shape}"
        message += f" ({len(outside)} of {len(events)} events are)"
        raise InvalidInput(message, hint="pool and crop first: SensorLayer(pool=…, crop=…)")
