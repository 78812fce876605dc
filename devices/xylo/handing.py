"""Where branches meet: which layers hand their spikes on as those of another, by aliases.

A sum of spikes can be computed in two ways: by an alias, where one layer's neurons fire for another
layer's as well, or by repeating the weights for each of them. Both give the same sums; the alias
takes no weights. But all that takes the spikes of the layer fired for then takes the sum, so an
alias stands only where all of that wants it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.nodes import INPUT
from devices.xylo.plan import Drive, PlannedLayer, XyloPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """Which layer hands its spikes on to which, each neuron to the one of the same place.

    Args:
        order: names of hidden neurons, in topological order.
        to: for a layer the one that fires for it as well.
        emitted: for each layer whose spikes its own neurons fire, itself among them.
    """

    order: tuple[str, ...]
    to: Mapping[str, str]
    emitted: Mapping[str, frozenset[str]]

    def rows(self, sources: Counter[str]) -> Counter[str]:
        """Return which neurons need weights for a sum of spikes, by how often they count.

        Examples:
            >>> both = {"a": frozenset("a"), "b": frozenset("ab")}
            >>> handing = Handing(order=("a", "b"), to={"a": "b"}, emitted=both)
            >>> handing.rows(Counter(["a", "b"])), handing.rows(Counter(["a"]))
            (Counter({'b': 1}), Counter({'a': 1}))
        """
        rows, left = Counter[str](), Counter(sources)
        if left[INPUT]:
            rows[INPUT] = left[INPUT]
        for name in reversed(self.order):
            count = left[name]
            if count > 0:
                rows[name] = count
                for emitted in self.emitted[name]:
                    left[emitted] -= count
        return rows


def without_aliases(plan: XyloPlan) -> Handing:
    """Return the choice in which weights are repeated for every sum."""
    names = tuple(layer.spiking.name for layer in plan.hidden)
    return Handing(order=names, to={}, emitted={name: frozenset({name}) for name in names})


def choose_aliases(plan: XyloPlan) -> Handing:
    """Return the choice in which layers hand their spikes on wherever that is the same.

    Each layer hands on to one other at most, as the chip can do no more.
    """
    to: dict[str, str] = {}
    emitted: dict[str, frozenset[str]] = {}
    for at, layer in enumerate(plan.hidden):
        name = layer.spiking.name
        wanted = _wanted_by_all(plan, layer)
        taken: frozenset[str] = frozenset()
        for earlier in reversed(plan.hidden[:at]):
            other = earlier.spiking.name
            brings = emitted[other]
            same = earlier.spiking.n_neurons == layer.spiking.n_neurons
            if same and other not in to and brings <= wanted - taken:
                to[other] = name
                taken |= brings
        emitted[name] = taken | {name}
    names = tuple(layer.spiking.name for layer in plan.hidden)
    return Handing(order=names, to=to, emitted=emitted)


def _wanted_by_all(plan: XyloPlan, layer: PlannedLayer) -> frozenset[str]:
    """Return whose spikes all that takes those of a layer takes as well, once each."""
    name = layer.spiking.name
    takers: Sequence[Drive] = [
        drive for taker in plan.layers for drive in taker.drives if name in drive.sources
    ]
    if layer.spiking.recurrent is not None or any(drive.sources[name] > 1 for drive in takers):
        return frozenset()
    once = [{source for source, n in drive.sources.items() if n == 1} for drive in takers]
    return frozenset(set.intersection(*once)) - {name, INPUT} if once else frozenset()
