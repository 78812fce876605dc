"""How often spikes cross synapses: what a spiking chip spends its energy on.

Spikes are followed from the neurons that made them to the weights they meet. On the way a chip sums
where a network averages: each spike of a pooling window arrives. What is no spike, such as an input
of real numbers or a potential, counts with its magnitude.
"""

from collections.abc import Iterable, Sequence

from jaxtyping import Bool, Float64
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.dpi.layer import DPI
from snn.events_on_the_way import EventsOnTheWay
from snn.fan_out import WITH_SYNAPSES, fan_out
from snn.layers import AxonalDelay, Recurrent, SpikingLayer, StatefulLayer
from snn.passage import Passage
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
        >>> import torch
        >>> from snn.layers import IAF
        >>> from snn.sequential import SpikingSequential
        >>> net = SpikingSequential(nn.Linear(3, 2), IAF(), nn.Linear(2, 5))
        >>> synaptic_operations(net.walk(torch.ones(1, 4, 3)))["0"]
        tensor([24.], dtype=torch.float64)
    """
    follower = SynopsFollower()
    for passage in passages:
        follower.follow(passage)
        if follower.uncounted:
            where = f"{follower.uncounted[0]!r} (in {type(passage.module).__name__})"
            message = f"synaptic operations of module {where} cannot be counted"
            known = ", ".join(kind.__name__ for kind in WITH_SYNAPSES)
            hint = f"write its layers one by one: SpikingSequential(*layers), of {known}"
            raise InvalidInput(message, hint=hint)
    return follower.operations


class SynopsFollower:
    """Follows events along a chain, from the neurons that made them to the weights they meet.

    Args:
        valid: the time steps that are no padding, ``(B, T)``; None: all. Only events in these
            count.
    """

    def __init__(self, valid: Bool[Tensor, "b t"] | None = None) -> None:
        self.operations: dict[str, Tensor] = {}
        self.kinds: dict[str, str] = {}
        self.uncounted: list[str] = []
        self._valid = valid
        self._events: EventsOnTheWay | None = None  # None: what goes on are values, not events

    def follow(self, passage: Passage) -> None:
        """Count what one module does to the events that arrive, and go on with those it passes."""
        name, module, x, y = passage[:4]
        if isinstance(module, SpikingLayer):
            self._events = self._made(y if module.neuron.spiking else y.abs())
            if isinstance(module, Recurrent):
                self._add(name, self._events, module)
        elif isinstance(module, Branching):
            self._branch(passage, module)
        elif isinstance(module, AxonalDelay):
            self._events = self._made(module(self._arriving(x).frames()))
        elif isinstance(module, DPI):
            self._events = self._made(y)
            if module.weight is not None:  # recurrent operations are not followed here
                self.uncounted.append(name)
        elif isinstance(module, StatefulLayer):
            self._events = self._made(y.abs())
            self._note_weights(name, module)
        else:
            self._events = self._through(name, module, self._arriving(x))

    def _arriving(self, x: Tensor) -> EventsOnTheWay:
        return self._made(x.abs()) if self._events is None else self._events

    def _made(self, events: Tensor) -> EventsOnTheWay:
        return EventsOnTheWay(
            events if self._valid is None else without_padding(self._valid, events)
        )

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
        self.kinds[name] = type(module).__name__
        if isinstance(module, Recurrent):
            self.operations[name] = sums.flatten(1).sum(1) * module.weight.shape[1]
        else:
            ways = fan_out(module, tuple(sums.shape[1:])).double()
            self.operations[name] = sums.flatten(1) @ ways.flatten()


def without_padding(valid: Bool[Tensor, "b t"], values: Tensor) -> Tensor:
    """Return values ``(B, T, …)`` with zeros in the time steps that are padding.

    Examples:
        >>> import torch
        >>> without_padding(torch.tensor([[True, False]]), torch.ones(1, 2, 3)).tolist()
        [[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]]
    """
    return values * valid.view(*valid.shape, *(1 for _ in values.shape[2:]))


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
