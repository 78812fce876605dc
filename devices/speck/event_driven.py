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

Spikes reach the next layer in the order in which they were fired; the neurons that one event makes
fire do so row by row, then column by column, then feature by feature. In a chain of layers it makes
no difference whether a spike is followed to the end before the next event is taken. No public model
of the chip is exact to the bit: this follows the documented rule, it is not measured on silicon.
"""

import zlib

import numpy as np
from jaxtyping import Int64, Shaped

from devices.results import LayerActivity, Link, QuantizedGraph, QuantizedLayer, SimResult
from devices.speck.chip import SpeckSpec
from devices.speck.simulate import check_thresholds, checked_frames, valid_steps
from eventstore.errors import InvalidInput
from eventstore.jit import kernel


def simulate_events(
    q: QuantizedGraph,
    frames: Shaped[np.ndarray, "b t *n"],
    spec: SpeckSpec,
    *,
    lengths: Int64[np.ndarray, " b"] | None = None,
    seed: int = 0,
) -> SimResult:
    """Run a batch of samples through the integer network, one event after the other.

    Args:
        q: the network.
        frames: counts of events in each time step; integers in any dtype.
        spec: the chip, whose states saturate.
        lengths: number of valid steps of each sample; those after it are padding. None: all.
        seed: of the order of events within a time step.

    Raises:
        InvalidInput: frames of another shape, or not of whole non-negative numbers.
        DoesNotFit: a threshold is not positive.
    """
    check_thresholds(q)
    if not q.is_chain:
        message = "the order of events where branches meet is not defined"
        raise InvalidInput(message, hint="simulate time step by time step: simulate(q, frames)")
    counts = checked_frames(q, frames)
    steps = valid_steps(counts, lengths)
    samples = [
        _run_sample(q, _ordered_events(sample[:n], seed), int(n), spec)
        for sample, n in zip(counts, steps, strict=True)
    ]
    layers = tuple(
        LayerActivity.joined([activity[index] for activity, _ in samples])
        for index in range(len(q.layers))
    )
    output = np.zeros((*counts.shape[:2], int(np.prod(q.layers[-1].neuron_shape))), np.int64)
    for row, (_, spikes) in enumerate(samples):
        place = np.ravel_multi_index(spikes[:, 1:].T, q.layers[-1].neuron_shape)
        np.add.at(output[row], (spikes[:, 0], place), 1)
    return SimResult(layers=layers, output=output)


def _ordered_events(sample: np.ndarray, seed: int) -> Int64[np.ndarray, "n 4"]:
    """Return one row (t, feature, y, x) an event, by time, in random order within a step."""
    rng = np.random.default_rng([seed, zlib.crc32(sample.tobytes())])
    places = np.argwhere(sample)
    events = np.repeat(places, sample[sample > 0].astype(np.int64), axis=0)
    shuffled = events[rng.permutation(len(events))]
    return np.ascontiguousarray(shuffled[np.argsort(shuffled[:, 0], kind="stable")], np.int64)


def _run_sample(
    q: QuantizedGraph, events: np.ndarray, n_steps: int, spec: SpeckSpec
) -> tuple[list[LayerActivity], np.ndarray]:
    activities = []
    for layer in q.layers:
        (link,) = q.into(layer.name)
        events = _pooled(events, link, layer)
        # Biases that all round to zero leave the slow clock off, as in the configuration.
        biased = layer.bias is not None and layer.bias.any()
        bias = np.array(layer.bias if biased else [], np.int64)
        neuron = (layer.threshold, layer.lower_bound, spec.state_range[1], layer.reset == "zero")
        spikes, synops = event_kernel(
            events,
            np.ascontiguousarray(layer.weight.transpose(1, 2, 3, 0), np.int64),
            bias,
            np.array(neuron, np.int64),
            np.array([n_steps, *layer.neuron_shape[1:], *layer.stride, *layer.padding], np.int64),
        )
        neuron_spikes = np.zeros(layer.neuron_shape, np.int64)
        np.add.at(neuron_spikes, tuple(spikes[:, 1:].T), 1)
        activities.append(
            LayerActivity(
                name=layer.name,
                spiking_name=layer.spiking_name,
                spikes=np.array([len(spikes)]),
                input_spikes=np.array([len(events)]),
                synops=np.array([synops]),
                neuron_spikes=neuron_spikes,
                n_steps=n_steps,
            )
        )
        events = spikes
    return activities, events


def _pooled(spikes: np.ndarray, link: Link, layer: QuantizedLayer) -> np.ndarray:
    """Return spikes at their places after pooling; a border that fills no window is dropped."""
    if link.pool == 1:
        return spikes
    pooled = spikes // np.array([1, 1, link.pool, link.pool])
    _, height, width = layer.input_shape
    inside: np.ndarray = pooled[(pooled[:, 2] < height) & (pooled[:, 3] < width)]
    return inside


@kernel
def event_kernel(
    events: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    neuron: np.ndarray,
    geometry: np.ndarray,
) -> tuple[np.ndarray, int]:
    """Integrate events (t, c, y, x) in order; return the spikes and how many weights were added.

    weight (c, ky, kx, f); bias (f) or empty; neuron: threshold, lower bound, largest state, reset
    to zero; geometry: time steps, rows and columns of neurons, stride y and x, padding y and x.
    """
    rows, columns, stride_y, stride_x = geometry[1], geometry[2], geometry[3], geometry[4]
    features = weight.shape[3]
    state = np.zeros((rows, columns, features), np.int64)
    firing = np.zeros(features, np.bool_)
    spikes = np.empty((1024, 4), np.int64)
    n_spikes, n_synops, at = 0, 0, 0
    for t in range(geometry[0]):
        for y in range(rows if len(bias) else 0):
            for x in range(columns):
                if integrate(state[y, x], bias, neuron, firing):
                    spikes, n_spikes = emit(spikes, n_spikes, (t, y, x), firing)
        while at < len(events) and events[at, 0] == t:
            c, in_y, in_x = events[at, 1], events[at, 2] + geometry[5], events[at, 3] + geometry[6]
            at += 1
            first_y = max(0, (in_y - weight.shape[1] + stride_y) // stride_y)
            first_x = max(0, (in_x - weight.shape[2] + stride_x) // stride_x)
            for y in range(first_y, min(rows, in_y // stride_y + 1)):
                for x in range(first_x, min(columns, in_x // stride_x + 1)):
                    added = weight[c, in_y - y * stride_y, in_x - x * stride_x]
                    if integrate(state[y, x], added, neuron, firing):
                        spikes, n_spikes = emit(spikes, n_spikes, (t, y, x), firing)
                    n_synops += features
    return spikes[:n_spikes], n_synops


@kernel
def integrate(state: np.ndarray, added: np.ndarray, neuron: np.ndarray, firing: np.ndarray) -> int:
    """Add one weight to each neuron, mark those that fire, return how many do."""
    threshold, low, high, to_zero = neuron[0], neuron[1], neuron[2], neuron[3]
    count = 0
    for f in range(len(state)):
        v = min(state[f] + added[f], high)
        firing[f] = v >= threshold
        if firing[f]:
            count += 1
            v = 0 if to_zero else v - threshold
        state[f] = max(v, low)
    return count


@kernel
def emit(
    spikes: np.ndarray, n_spikes: int, place: tuple[int, int, int], firing: np.ndarray
) -> tuple[np.ndarray, int]:
    """Append a spike (t, f, y, x) for each marked neuron; return the table and its new length."""
    t, y, x = place
    for f in range(len(firing)):
        if firing[f]:
            if n_spikes == len(spikes):
                grown = np.empty((2 * n_spikes, 4), np.int64)
                grown[:n_spikes] = spikes
                spikes = grown
            spikes[n_spikes, 0] = t
            spikes[n_spikes, 1] = f
            spikes[n_spikes, 2] = y
            spikes[n_spikes, 3] = x
            n_spikes += 1
    return spikes, n_spikes
