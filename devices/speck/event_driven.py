r"""Run a quantised network event by event, by the rule that the chip is documented to follow.

Each event adds one weight to each neuron it reaches, and a neuron fires at most once for it:

$$
v \leftarrow \min(v + w, 2^{15} - 1), \quad s = [v \ge \theta], \quad
v \leftarrow \max(v - \theta s, low)
$$

What remains above the threshold stays there until the next event. Biases are added once a time
step, the tick of the slow clock, and may make a neuron fire once. In a time step the chip sees the
events in the order of the sensor, which frames do not keep: here it is drawn at random from a seed
and the frames of the sample itself, so that it does not depend on what else is in the batch.
Streams of events keep their order: see `devices.speck.event_stream`.

The neurons that one event makes fire do so row by row, then column by column, then feature by
feature, and each spike is followed to the end, through all destinations, before the next. In a
chain of layers that makes no difference. No public model of the chip is exact to the bit: this
follows the documented rule, it is not measured on silicon.
"""

import zlib

import numpy as np
from jaxtyping import Int64, Shaped

from devices.results import LayerActivity, QuantizedGraph, SimResult
from devices.speck.chip import SpeckSpec
from devices.speck.event_stream import ChipState, Spikes, run_events
from devices.speck.program import compile_program
from devices.speck.sim_settings import Order, SimSettings
from devices.speck.simulate import checked_frames, valid_steps
from eventstore.errors import DoesNotFit


def simulate_events(
    q: QuantizedGraph,
    frames: Shaped[np.ndarray, "b t *n"],
    spec: SpeckSpec,
    *,
    lengths: Int64[np.ndarray, " b"] | None = None,
    seed: int = 0,
    order: Order = "depth-first",
) -> SimResult:
    """Run a batch of samples through the integer network, one event after the other.

    Args:
        q: the network.
        frames: counts of events in each time step; integers in any dtype.
        spec: the chip, whose states saturate.
        lengths: number of valid steps of each sample; those after it are padding. None: all.
        seed: of the order of events within a time step.
        order: whether a spike is followed to the end before the next, or core comes after core.

    Raises:
        InvalidInput: frames of another shape, or not of whole non-negative numbers.
        DoesNotFit: a threshold is not positive, or the chip's states are not of 16 bits.
    """
    if spec.state_bits != 16:
        message = f"states of {spec.name} have {spec.state_bits} bits, the simulator's have 16"
        raise DoesNotFit(message, hint="simulate time step by time step: simulate(q, frames)")
    last = q.layers[-1]
    # A time step is a microsecond here, and the slow clock ticks once in each.
    settings = SimSettings(order=order, slow_clock_us=1, monitor=(last.name,))
    start = ChipState.start(compile_program(q, settings))
    counts = checked_frames(q, frames)
    steps = valid_steps(counts, lengths)
    output = np.zeros((*counts.shape[:2], *last.neuron_shape), np.int64)
    samples = []
    for sample, n, fired in zip(counts, steps, output, strict=True):
        spikes, end = run_events(start, _ordered_events(sample[:n], seed), t_stop_us=int(n))
        _count(spikes, fired)
        samples.append(_activities(end, int(n)))
    layers = tuple(LayerActivity.joined(layer) for layer in zip(*samples, strict=True))
    return SimResult(layers=layers, output=output.reshape(*counts.shape[:2], -1))


def _ordered_events(sample: np.ndarray, seed: int) -> Int64[np.ndarray, "n 4"]:
    """Return one row (t, feature, y, x) an event, by time, in random order within a step."""
    rng = np.random.default_rng([seed, zlib.crc32(sample.tobytes())])
    places = np.argwhere(sample)
    events = np.repeat(places, sample[sample > 0].astype(np.int64), axis=0)
    shuffled = events[rng.permutation(len(events))]
    return np.ascontiguousarray(shuffled[np.argsort(shuffled[:, 0], kind="stable")], np.int64)


def _count(spikes: Spikes, fired: np.ndarray) -> None:
    """Count spikes into frames (T, C, H, W)."""
    np.add.at(fired, (spikes.t, spikes.c, spikes.y, spikes.x), 1)


def _activities(state: ChipState, n_steps: int) -> list[LayerActivity]:
    return [
        LayerActivity(
            name=layer.name,
            spiking_name=layer.spiking_name,
            spikes=np.array([activity.spikes]),
            input_spikes=np.array([activity.received]),
            synops=np.array([activity.synops]),
            neuron_spikes=state.neuron_spikes(layer.name),
            n_steps=n_steps,
        )
        for layer, activity in zip(state.program.q.layers, state.activities, strict=True)
    ]
