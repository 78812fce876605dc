"""How often spikes cross synapses: what a spiking chip spends its energy on.

Spikes are followed from the neurons that made them to the weights they meet. On the way a chip sums
where a network averages: each spike of a pooling window arrives. What is no spike, such as an input
of real numbers or a potential, counts with its magnitude.
"""

from collections.abc import Iterable, Mapping, Sequence

import torch
from jaxtyping import Float64
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.events_on_the_way import EventsOnTheWay
from snn.fan_out import WITH_SYNAPSES, fan_out
from snn.layers import AxonalDelay, Recurrent, SpikingLayer, StatefulLayer
from snn.passage import Passage, innermost
from snn.sequential import modules_in_order


def synaptic_operations(passages: Iterable[Passage]) -> dict[str, Float64[Tensor, " b"]]:
    """Return the synaptic operations of each sample, by layer with weights; gradients flow.

    A spike counts in the step it is made: one of a `Recurrent` layer crosses that layer's own
    synapses too, a step later.

    Args:
        passages: what a network's ``walk`` yields, from its first module on.

    Raises:
        InvalidInput: a module holds weights whose synapses cannot be counted.

    Examples:
        >>> from snn.layers import IAF
        >>> from snn.sequential import SpikingSequential
        >>> net = SpikingSequential(nn.Linear(3, 2), IAF(), nn.Linear(2, 5))
        >>> synaptic_operations(net.walk(torch.ones(1, 4, 3)))["0"]
        tensor([24.], dtype=torch.float64)
    """
    follower = _Follower()
    for passage in passages:
        follower.follow(passage)
        if follower.uncounted:
            where = f"{follower.uncounted[0]!r} (in {type(passage.module).__name__})"
            message = f"synaptic operations of module {where} cannot be counted"
            known = ", ".join(kind.__name__ for kind in WITH_SYNAPSES)
            hint = f"write its layers one by one: SpikingSequential(*layers), of {known}"
            raise InvalidInput(message, hint=hint)
    return follower.operations


class ActivityCount:
    """Sums spikes and synaptic operations over batches.

    Examples:
        >>> from snn.layers import IAF
        >>> from snn.sequential import SpikingSequential
        >>> net = SpikingSequential(nn.Linear(3, 2, bias=False), IAF())
        >>> count = ActivityCount()
        >>> for passage in net.walk(torch.ones(5, 4, 3)):
        ...     count.add(passage)
        >>> count.synops()
        {'0': 24.0}
    """

    def __init__(self) -> None:
        self._first: str | None = None
        self._n_samples = 0
        self._spikes: dict[str, float] = {}
        self._synops: dict[str, float] = {}
        self._uncounted: dict[str, None] = {}
        self._follower = _Follower()

    def add(self, passage: Passage) -> None:
        """Count what one module was given and made of it; modules come in network order."""
        name = passage.name
        if self._first in {None, name}:  # a network starts
            self._first = name
            self._n_samples += len(passage.x)
            self._follower = _Follower()
        self._follower.follow(passage._replace(x=passage.x.detach(), y=passage.y.detach()))
        for one in innermost((passage,)):
            if isinstance(one.module, SpikingLayer) and one.module.neuron.spiking:
                spikes = float(one.y.detach().sum(dtype=torch.float64))
                self._spikes[one.name] = self._spikes.get(one.name, 0.0) + spikes
        for layer, operations in self._follower.operations.items():
            self._synops[layer] = self._synops.get(layer, 0.0) + float(operations.sum())
        self._follower.operations.clear()
        self._uncounted.update(dict.fromkeys(self._follower.uncounted))

    def spikes(self) -> dict[str, float]:
        """Return spikes per sample of each spiking layer."""
        return self._per_sample(self._spikes)

    def synops(self) -> dict[str, float]:
        """Return synaptic operations per sample of each layer with weights."""
        return self._per_sample(self._synops)

    def uncounted(self) -> tuple[str, ...]:
        """Return the modules that hold weights whose operations are not in ``synops``."""
        return tuple(self._uncounted)

    def _per_sample(self, sums: Mapping[str, float]) -> dict[str, float]:
        return {name: total / self._n_samples for name, total in sums.items()}


class _Follower:
    """Follows events along a chain, from the neurons that made them to the weights they meet."""

    def __init__(self) -> None:
        self.operations: dict[str, Tensor] = {}
        self.uncounted: list[str] = []
        self._events: EventsOnTheWay | None = None  # None: what goes on are values, not events

    def follow(self, passage: Passage) -> None:
        """Count what one module does to the events that arrive, and go on with those it passes."""
        name, module, x, y = passage[:4]
        if isinstance(module, SpikingLayer):
            self._events = EventsOnTheWay(y if module.neuron.spiking else y.abs())
            if isinstance(module, Recurrent):
                self._add(name, self._events, module)
        elif isinstance(module, Branching):
            self._branch(passage, module)
        elif isinstance(module, AxonalDelay):
            self._events = EventsOnTheWay(module(self._arriving(x).frames()))
        elif isinstance(module, StatefulLayer):
            self._events = EventsOnTheWay(y.abs())
            self._note_weights(name, module)
        else:
            self._events = self._through(name, module, self._arriving(x))

    def _arriving(self, x: Tensor) -> EventsOnTheWay:
        return EventsOnTheWay(x.abs()) if self._events is None else self._events

    def _branch(self, passage: Passage, module: Branching) -> None:
        """Follow events along paths that part and meet; where values meet events all are values."""
        made: dict[str, EventsOnTheWay | None] = {INPUT: self._events}
        for within in passage.inner:
            self._events = _together([made[name] for name in module.sources[within.name]])
            self.follow(within._replace(name=f"{passage.name}.{within.name}"))
            made[within.name] = self._events
        self._events = _together([made[name] for name in module.outputs])

    def _through(
        self, name: str, module: nn.Module, events: EventsOnTheWay | None
    ) -> EventsOnTheWay | None:
        """Return the events behind a module without memory; None where they met weights."""
        if isinstance(module, nn.Sequential):
            for inner, child in modules_in_order(module):
                events = self._through(f"{name}.{inner}", child, events)
            return events
        if isinstance(module, _UNTOUCHED):
            return events
        if isinstance(module, WITH_SYNAPSES) and events is not None:
            self._add(name, events, module)
            return None
        self._note_weights(name, module)
        if events is None or name in self.uncounted:
            return None
        return events.through(module)

    def _note_weights(self, name: str, module: nn.Module) -> None:
        if next(module.parameters(), None) is not None:
            self.uncounted.append(name)

    def _add(self, name: str, events: EventsOnTheWay, module: nn.Module) -> None:
        # Sums over time are whole numbers in float32; those over neurons may grow beyond 2^24.
        sums = events.sums().double()
        if isinstance(module, Recurrent):
            self.operations[name] = sums.flatten(1).sum(1) * module.weight.shape[1]
        else:
            ways = fan_out(module, tuple(sums.shape[1:])).double()
            self.operations[name] = sums.flatten(1) @ ways.flatten()


def _together(parts: Sequence[EventsOnTheWay | None]) -> EventsOnTheWay | None:
    if len(parts) == 1:
        return parts[0]
    frames = [part.frames() for part in parts if part is not None]
    if not frames or len(frames) != len(parts):
        return None
    return EventsOnTheWay(sum(frames[1:], frames[0]))


_UNTOUCHED = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.LayerNorm,
    nn.GroupNorm,
)
"""Modules that events pass one for one: they drop in training alone, or scale."""
