r"""Run a quantised network in integers, one time step after the other.

Layers run in topological order, over whatever branches lie between them. In each step all weights
that arrive are summed, then the neurons fire as often as the threshold
fits into the sum:

$$
v \leftarrow v + \sum w x + b, \quad s = \max(\lfloor v / \theta \rfloor, 0), \quad
v \leftarrow \max(v - \theta s, low)
$$

The chip itself takes events one by one and a neuron fires at most once for each; how that differs
depends on the order of events within a step. Sums inside a step are exact here, wider than the 16
bits of a state; at its end every state lies between the lower bound and the threshold, thus in 16
bits, so that the saturation of the chip's states never comes into play.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64, Shaped

from devices.results import LayerActivity, Link, QuantizedGraph, QuantizedLayer, SimResult
from eventstore.errors import DoesNotFit, InvalidInput
from eventstore.jit import kernel

EXACT_FLOAT32, EXACT_FLOAT64 = 1 << 24, 1 << 53
"""Sums of integers stay exact as long as no partial sum exceeds this, in any order."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerTrace:
    """Spikes of one layer in each time step of each sample.

    Args:
        layer: the layer.
        received: spikes coming in over all links, pooled and summed, ``(B, T, C, H, W)``.
        fired: spikes of its neurons.
    """

    layer: QuantizedLayer
    received: np.ndarray
    fired: np.ndarray


def simulate(
    q: QuantizedGraph,
    frames: Shaped[np.ndarray, "b t *n"],
    lengths: Int64[np.ndarray, " b"] | None = None,
) -> SimResult:
    """Run a batch of samples through the integer network.

    Args:
        q: the network.
        frames: counts of events in each time step; integers in any dtype.
        lengths: number of valid steps of each sample; those after it are padding. None: all.

    Raises:
        InvalidInput: frames of another shape, or not of whole non-negative numbers.
        DoesNotFit: a threshold is not positive.
    """
    n_steps = frames.shape[0] * frames.shape[1] if lengths is None else int(lengths.sum())
    activities = []
    output = np.zeros((*frames.shape[:2], 0), np.int64)
    for trace in trace_layers(q, frames, lengths):
        activities.append(_activity(trace, n_steps))
        output = trace.fired.reshape(*frames.shape[:2], -1).astype(np.int64)
    return SimResult(layers=tuple(activities), output=output)


def trace_layers(
    q: QuantizedGraph,
    frames: Shaped[np.ndarray, "b t *n"],
    lengths: Int64[np.ndarray, " b"] | None = None,
) -> Iterator[LayerTrace]:
    """Yield the spikes of each layer in turn; like `simulate`, with everything kept."""
    check_thresholds(q)
    given = checked_frames(q, frames)
    steps = valid_steps(given, lengths)
    valid = np.arange(frames.shape[1]) < steps[:, None]
    made: dict[str | None, np.ndarray] = {None: given * valid[:, :, None, None, None]}
    for index, layer in enumerate(q.layers):
        received = _sum_of_links(q.into(layer.name), made, layer.input_shape[0])
        fired = _fire(layer, _convolve(layer, received), steps)
        yield LayerTrace(layer, received, fired)
        made[layer.name] = fired
        later = {link.source for after in q.layers[index + 1 :] for link in q.into(after.name)}
        made = {name: spikes for name, spikes in made.items() if name in later}


def _sum_of_links(
    links: tuple[Link, ...], made: dict[str | None, np.ndarray], features: int
) -> np.ndarray:
    """Return the sum of maps, each from the feature on that its link says."""
    most = sum(link.pool**2 * float(made[link.source].max(initial=0)) for link in links)
    exact = exact_type(most)
    pooled = [_sum_pool(made[link.source].astype(exact, copy=False), link.pool) for link in links]
    if all(maps.shape[2] == features for maps in pooled):
        return pooled[0] if len(pooled) == 1 else np.sum(pooled, axis=0)
    shape = pooled[0].shape
    total = np.zeros((*shape[:2], features, *shape[3:]), pooled[0].dtype)
    for link, maps in zip(links, pooled, strict=True):
        total[:, :, link.feature_shift : link.feature_shift + maps.shape[2]] += maps
    return total


def check_thresholds(q: QuantizedGraph) -> None:
    """Refuse a network with a neuron that would fire without end."""
    for layer in q.layers:
        if layer.threshold < 1:
            message = f"threshold {layer.threshold} of layer {layer.name!r} is not positive"
            raise DoesNotFit(message, hint="see check(): the threshold rounds to zero")


def valid_steps(frames: np.ndarray, lengths: np.ndarray | None) -> Int64[np.ndarray, " b"]:
    """Return how many time steps of each sample are not padding."""
    steps = np.full(len(frames), frames.shape[1], np.int64)
    return steps if lengths is None else np.minimum(steps, lengths.astype(np.int64))


def checked_frames(q: QuantizedGraph, frames: np.ndarray) -> Float[np.ndarray, "b t c h w"]:
    """Return frames as maps, refusing what is not a count of events."""
    if frames.ndim < 3 or frames.shape[2:] != q.input_shape:
        message = f"frames of shape {frames.shape} are not (batch, time, {q.input_shape})"
        raise InvalidInput(message, hint="use the pipeline that the model was trained with")
    if frames.shape[0] == 0 or frames.shape[1] == 0:
        message = f"frames of shape {frames.shape} hold no sample or no time step"
        raise InvalidInput(message, hint="leave empty batches out")
    whole = np.isfinite(frames).all() and np.array_equal(frames, np.rint(frames))
    if not whole or frames.min() < 0:
        message = "frames are not counts of events: they hold fractions, negatives or infinities"
        raise InvalidInput(message, hint="a chip receives events: leave normalisation out")
    counts = np.ascontiguousarray(frames, exact_type(float(frames.max())))
    return counts.reshape(*frames.shape[:2], *q.input_map)


def exact_type(most: float) -> type[np.float32 | np.float64]:
    """Return the smaller float that holds whole numbers up to ``most`` exactly.

    Raises:
        InvalidInput: none does.

    Examples:
        >>> exact_type(2.0**24 + 1).__name__
        'float64'
    """
    if most >= EXACT_FLOAT64:
        message = f"sums of up to {most:.3g} are more than the simulator computes exactly"
        raise InvalidInput(message, hint="cut samples into shorter time steps")
    return np.float32 if most < EXACT_FLOAT32 else np.float64


def _convolve(layer: QuantizedLayer, received: np.ndarray) -> np.ndarray:
    """Return the exact sums of weights, in float32 where that is exact and float64 elsewhere."""
    reach = int(np.abs(layer.weight.astype(np.int64)).sum(axis=(1, 2, 3)).max())
    exact = exact_type(reach * float(received.max(initial=0)))
    x = torch.from_numpy(received.astype(exact, copy=False)).flatten(0, 1)
    weight = torch.from_numpy(layer.weight.astype(exact))
    y = torch.nn.functional.conv2d(x, weight, stride=layer.stride, padding=layer.padding)
    return y.numpy().reshape(*received.shape[:2], *y.shape[1:])


def _fire(layer: QuantizedLayer, current: np.ndarray, steps: np.ndarray) -> np.ndarray:
    batch, time, features = current.shape[:3]
    bias = np.zeros(features, np.int64) if layer.bias is None else layer.bias.astype(np.int64)
    largest = float(current.max(initial=0)) + float(bias.max(initial=0))
    exact = exact_type(largest / layer.threshold + 1)  # less than one threshold was left before
    fired = np.zeros((batch, time, features, current[0, 0, 0].size), exact)
    fire_kernel(
        current.reshape(fired.shape),
        bias,
        np.array([layer.threshold, layer.lower_bound, layer.reset == "zero"], np.int64),
        steps,
        fired,
    )
    return fired.reshape(current.shape)


@kernel
def fire_kernel(
    current: np.ndarray,
    bias: np.ndarray,
    neuron: np.ndarray,
    steps: np.ndarray,
    fired: np.ndarray,
) -> None:
    """Integrate and fire currents (B, T, F, N); neuron: threshold, lower bound, reset to zero."""
    threshold, low, to_zero = neuron[0], neuron[1], neuron[2]
    state = np.empty(current.shape[2:], np.int64)
    for b in range(current.shape[0]):
        state[:] = 0
        for t in range(steps[b]):
            for f in range(current.shape[2]):
                for n in range(current.shape[3]):
                    v = state[f, n] + np.int64(current[b, t, f, n]) + bias[f]
                    if v >= threshold:
                        spikes = v // threshold
                        fired[b, t, f, n] = spikes
                        v = 0 if to_zero else v - spikes * threshold
                    state[f, n] = max(v, low)


def _sum_pool(fired: np.ndarray, edge: int) -> np.ndarray:
    if edge == 1:
        return fired
    height, width = (size // edge * edge for size in fired.shape[-2:])
    inner = fired[..., :height, :width]
    windows = inner.reshape(*inner.shape[:-2], height // edge, edge, width // edge, edge)
    pooled: np.ndarray = windows.sum(axis=(-3, -1))
    return pooled


def _activity(trace: LayerTrace, n_steps: int) -> LayerActivity:
    layer = trace.layer
    per_neuron = trace.fired.sum(axis=1, dtype=np.float64)
    arrivals = trace.received.sum(axis=(1, 2), dtype=np.float64)
    return LayerActivity(
        name=layer.name,
        spiking_name=layer.spiking_name,
        spikes=per_neuron.sum(axis=(1, 2, 3)).astype(np.int64),
        input_spikes=arrivals.sum(axis=(1, 2)).astype(np.int64),
        synops=np.einsum("byx,yx->b", arrivals, fan_out(layer)).astype(np.int64),
        neuron_spikes=per_neuron.sum(axis=0).astype(np.int64),
        n_steps=n_steps,
    )


def fan_out(layer: QuantizedLayer) -> Int64[np.ndarray, "y x"]:
    """Return to how many neurons a spike at each place of the input map is added."""
    features, height, width = layer.neuron_shape
    rows, columns = (
        _windows_over(size, count, (kernel_size, stride, padding))
        for size, count, kernel_size, stride, padding in zip(
            layer.input_shape[1:],
            (height, width),
            layer.weight.shape[2:],
            layer.stride,
            layer.padding,
            strict=True,
        )
    )
    return features * np.outer(rows, columns)


def _windows_over(size: int, count: int, window: tuple[int, int, int]) -> np.ndarray:
    kernel_size, stride, padding = window
    place = np.arange(size)[:, None] + padding
    start = np.arange(count)[None, :] * stride
    inside: np.ndarray = ((start <= place) & (place < start + kernel_size)).sum(axis=1)
    return inside
