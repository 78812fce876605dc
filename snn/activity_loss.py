"""Losses of activity: fewer synaptic operations, and neurons neither silent nor hectic."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.passage import Passage, innermost
from snn.synops import synaptic_operations


@dataclass(frozen=True, slots=True, kw_only=True)
class SynopsLoss:
    r"""How far a network is from the synaptic operations it may spend.

    $$ L = \left( \frac{S - S_0}{S_0} \right)^2 $$

    of the mean S over the samples of a batch (Sorbaro et al. 2020). Time steps of padding count as
    others do: they hold no events of their own.

    Args:
        target: S₀, synaptic operations per sample, of all layers together.
        only_above: ask nothing of a network that spends less.

    Raises:
        InvalidInput: the target is not above 0.

    Examples:
        >>> from torch import nn
        >>> from snn.layers import IAF
        >>> from snn.sequential import SpikingSequential
        >>> net = SpikingSequential(nn.Linear(3, 2), IAF())
        >>> SynopsLoss(target=12)(net.walk(torch.ones(1, 4, 3))).item()
        1.0
    """

    target: float
    only_above: bool = True

    def __post_init__(self) -> None:
        if not self.target > 0:
            message = f"target {self.target} synaptic operations are not above 0"
            raise InvalidInput(message, hint="take a share of what evaluate(…).synops says")

    def __call__(self, passages: Iterable[Passage]) -> Tensor:
        """Return the loss.

        Args:
            passages: what the network's ``walk`` yields, from its first module on.

        Raises:
            InvalidInput: no layer has synapses, or those of a module cannot be counted.
        """
        operations = synaptic_operations(passages)
        if not operations:
            message = "no layer of the network has synapses to count"
            raise InvalidInput(message, hint="pass model.walk(x), all of it")
        total = torch.stack(list(operations.values())).sum(0).mean()
        excess = total / self.target - 1.0
        return ((excess.relu() if self.only_above else excess) ** 2).float()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLoss:
    r"""How far the rates of neurons are outside bounds.

    $$ L = \frac{1}{N} \sum_n \max(r_n - r_{max}, 0)^2 + \max(r_{min} - r_n, 0)^2 $$

    of the mean rates of neurons over samples and time; layers count alike, whatever their sizes. A
    neuron below the lower bound is woken as far as the surrogate reaches its potential.

    Args:
        lowest: spikes per time step that a neuron should have at least.
        highest: spikes per time step that it should have at most.

    Raises:
        InvalidInput: bounds are negative or crossed.

    Examples:
        >>> from torch import nn
        >>> from snn.layers import IAF
        >>> from snn.sequential import SpikingSequential
        >>> net = SpikingSequential(nn.Identity(), IAF())
        >>> RateLoss(highest=0.5)(net.walk(torch.ones(1, 4, 3))).item()
        0.25
    """

    lowest: float = 0.0
    highest: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.lowest <= self.highest:
            message = f"rates {self.lowest} … {self.highest} are no range from 0 up"
            raise InvalidInput(message, hint="such as lowest=0.01, highest=0.3, per time step")

    def __call__(self, passages: Iterable[Passage]) -> Tensor:
        """Return the loss.

        Args:
            passages: what the network's ``walk`` yields.

        Raises:
            InvalidInput: no layer spikes.
        """
        losses = [
            self._outside(passage.y.float().mean((0, 1)))
            for passage in innermost(passages)
            if passage.spiking
        ]
        if not losses:
            message = "no layer of the network spikes"
            raise InvalidInput(message, hint="pass model.walk(x) of a spiking network")
        return torch.stack(losses).mean()

    def _outside(self, rate: Tensor) -> Tensor:
        above, below = (rate - self.highest).relu(), (self.lowest - rate).relu()
        return (above**2 + below**2).mean()
