"""How active each layer of a network is: spikes, silent neurons, synaptic operations."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from snn.layers import Recurrent
from snn.passage import Passage, innermost
from snn.synops import SynopsFollower, without_padding


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerActivity:
    """How active one layer was; padding of samples counts for nothing.

    A layer of neurons has neurons, spikes and a rate; one of weights has synaptic operations; a
    recurrent one has both.

    Args:
        name: the layer's name in the network.
        kind: what it is, such as ``LIF`` or ``Conv2d``.
        neurons: how many neurons it has.
        spikes: spikes per sample.
        rate: spikes per neuron and time step.
        silent_neurons: neurons that never spiked in any sample.
        synops: synaptic operations per sample.

    Examples:
        >>> LayerActivity(name="1", kind="LIF", neurons=40, spikes=12.0, rate=0.03).synops is None
        True
    """

    name: str
    kind: str
    neurons: int | None = None
    spikes: float | None = None
    rate: float | None = None
    silent_neurons: int | None = None
    synops: float | None = None

    @property
    def silent(self) -> bool:
        """Whether it has neurons, and none of them ever spiked."""
        return self.neurons is not None and self.silent_neurons == self.neurons

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON, without what a layer of this kind does not have."""
        return {name: value for name, value in asdict(self).items() if value is not None}


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
        >>> [layer.kind for layer in count.layers()]
        ['Linear', 'IAF']
    """

    def __init__(self) -> None:
        self._first: str | None = None
        self._n_samples = 0
        self._n_steps = 0
        self._kinds: dict[str, str] = {}  # in network order
        self._spikes: dict[str, Tensor] = {}  # of each neuron
        self._synops: dict[str, float] = {}
        self._uncounted: dict[str, None] = {}
        self._follower = SynopsFollower()

    def add(self, passage: Passage, valid: Bool[Tensor, "b t"] | None = None) -> None:
        """Count what one module was given and made of it; modules come in network order.

        Args:
            passage: what the module was given and made.
            valid: the time steps that are no padding; None: all.
        """
        if self._first in {None, passage.name}:  # a network starts
            self._first = passage.name
            self._n_samples += len(passage.x)
            self._n_steps += passage.x.shape[:2].numel() if valid is None else int(valid.sum())
            self._follower = SynopsFollower(valid)
        self._follower.follow(passage._replace(x=passage.x.detach(), y=passage.y.detach()))
        for one in innermost((passage,)):
            self._note_synapses(one.name)
            if one.spiking:
                self._add_spikes(one, valid)
        for layer, operations in self._follower.operations.items():
            self._synops[layer] = self._synops.get(layer, 0.0) + float(operations.sum())
        self._follower.operations.clear()
        self._uncounted.update(dict.fromkeys(self._follower.uncounted))

    def spikes(self) -> dict[str, float]:
        """Return spikes per sample of each spiking layer."""
        return {name: float(of.sum()) / self._n_samples for name, of in self._spikes.items()}

    def synops(self) -> dict[str, float]:
        """Return synaptic operations per sample of each layer with weights."""
        return {name: total / self._n_samples for name, total in self._synops.items()}

    def uncounted(self) -> tuple[str, ...]:
        """Return the modules that hold weights whose operations are not in ``synops``."""
        return tuple(self._uncounted)

    def layers(self) -> tuple[LayerActivity, ...]:
        """Return each layer of neurons or weights, in network order."""
        return tuple(self._layers())

    def _layers(self) -> Iterator[LayerActivity]:
        spikes, synops = self.spikes(), self.synops()
        for name, kind in self._kinds.items():
            if name not in spikes:
                yield LayerActivity(name=name, kind=kind, synops=synops[name])
                continue
            of_each = self._spikes[name]
            yield LayerActivity(
                name=name,
                kind=kind,
                neurons=of_each.numel(),
                spikes=spikes[name],
                rate=spikes[name] * self._n_samples / (of_each.numel() * self._n_steps),
                silent_neurons=int((of_each == 0).sum()),
                synops=synops.get(name),
            )

    def _note_synapses(self, module: str) -> None:
        """Note the layers of weights that a module is or holds."""
        for name in self._follower.operations:
            if name == module or name.startswith(f"{module}."):
                self._kinds.setdefault(name, self._follower.kinds[name])

    def _add_spikes(self, one: Passage, valid: Bool[Tensor, "b t"] | None) -> None:
        y = one.y.detach() if valid is None else without_padding(valid, one.y.detach())
        self._kinds[one.name] = _kind(one.module)
        spikes = y.sum((0, 1), dtype=torch.float64)
        before = self._spikes.get(one.name)
        self._spikes[one.name] = spikes if before is None else before + spikes


def _kind(module: nn.Module) -> str:
    if isinstance(module, Recurrent):
        return f"Recurrent {type(module.layer).__name__}"
    return type(module).__name__
