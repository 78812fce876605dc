"""Which layer loses most: one layer at a time in a chip's integers, all others in floats.

The layer is given what the float network gives it, so that its loss is its own and not that of the
layers before. What it makes goes on through the float network to the decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from devices.results import QuantizedGraph, QuantizedLayer
from snn.branching import INPUT, Branching
from snn.passage import Passage, innermost, pass_through


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLoss:
    """What is lost with one layer alone in integers.

    Args:
        accuracy: share of samples that are right.
        lost: accuracy of the model less that.
        changed: share of samples for which another class is said than by the model.
        shift: mean distance between the output's counts and the model's, sum over neurons of the
            absolute difference as a share of the model's spikes.
    """

    accuracy: float
    lost: float
    changed: float
    shift: float

    @property
    def rank(self) -> tuple[float, float, float]:
        """What layers are ordered by: accuracy lost, then changed decisions, then the shift."""
        return (self.lost, self.changed, self.shift)


def layer_alone(q: QuantizedGraph, layer: QuantizedLayer) -> QuantizedGraph:
    """Return the network of one layer, fed by what its links bring, already pooled."""
    return QuantizedGraph.chain(chip=q.chip, input_shape=layer.input_shape, layers=(layer,))


def layer_frames(
    q: QuantizedGraph, layer: QuantizedLayer, x: Tensor, passages: Sequence[Passage]
) -> np.ndarray:
    """Return what a layer is given in the float network, as counts: pooled, and summed at merges.

    Args:
        q: the network in integers.
        layer: the layer.
        x: the network's input, ``(B, T, …)``.
        passages: what went through the float network.
    """
    made = {passage.name: passage.y for passage in innermost(passages)}
    spiking = {one.name: one for one in q.layers}
    total: Tensor | None = None
    for link in q.into(layer.name):
        if link.source is None:
            frames = x.reshape(*x.shape[:2], *q.input_map)
        else:
            source = spiking[link.source]
            frames = made[source.spiking_name].reshape(*x.shape[:2], *source.neuron_shape)
        if link.pool > 1:
            windows = functional.avg_pool2d(frames.flatten(0, 1), link.pool, divisor_override=1)
            frames = windows.view(*x.shape[:2], *windows.shape[1:])
        if total is None:
            total = frames.new_zeros((*x.shape[:2], *layer.input_shape))
        end = link.feature_shift + frames.shape[2]
        total[:, :, link.feature_shift : end] += frames
    if total is None:
        raise AssertionError(layer.name)  # a QuantizedGraph feeds every layer
    frames = total.reshape(*x.shape[:2], *layer.input_shape)
    counts: np.ndarray = frames.contiguous().cpu().numpy()
    return counts


def go_on_from(passages: Iterable[Passage], spiking_name: str, spikes: Tensor) -> Tensor:
    """Return the output of a network in which one layer of neurons gave other spikes.

    Args:
        passages: what went through the network, of which the modules before that layer stay.
        spiking_name: name of the neurons; with a dot, those within a `Branching`.
        spikes: what they gave, in the shape of what they gave before.

    Examples:
        >>> from torch import nn
        >>> from snn import IAF, SpikingSequential
        >>> net = SpikingSequential(nn.Linear(2, 2), IAF(), nn.Linear(2, 1, bias=False))
        >>> passages = list(net.walk(torch.ones(1, 3, 2)))
        >>> go_on_from(passages, "1", torch.zeros(1, 3, 2)).sum().item()
        0.0
    """
    outer, _, within = spiking_name.partition(".")
    y: Tensor | None = None
    for passage in passages:
        if passage.name == outer:
            y = _go_on_within(passage, within, spikes) if within else spikes
        elif y is not None:
            y = pass_through(passage.name, passage.module, y).y
    if y is None:
        raise AssertionError(spiking_name)  # the graph was made from this network
    return y


def _go_on_within(passage: Passage, name: str, spikes: Tensor) -> Tensor:
    branching = cast("Branching", passage.module)  # nothing else holds neurons within
    made, changed = {INPUT: passage.x}, set[str]()
    for inner in passage.inner:
        sources = branching.sources[inner.name]
        if inner.name == name:
            made[name] = spikes
            changed.add(name)
        elif changed.intersection(sources):
            given = _sum([made[source] for source in sources])
            made[inner.name] = pass_through(inner.name, inner.module, given).y
            changed.add(inner.name)
        else:
            made[inner.name] = inner.y
    return _sum([made[output] for output in branching.outputs])


def _sum(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.stack(list(parts)).sum(0)
