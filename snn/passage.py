"""What one module of a network was given and made of it, for those who look between modules."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from torch import Tensor, nn

from snn.dpi.layer import DPI
from snn.layers import SpikingLayer, StatefulLayer
from snn.sparse_inputs import apply_module


class Passage(NamedTuple):
    """What one module of a network was given and made of it.

    Args:
        name: the module's name in the network.
        module: the module.
        x: what went in, ``(B, T, …)``.
        y: what came out, ``(B, T, …)``.
        state: state after the last step, of layers that have one; else None.
        inner: passages of the modules within, of a `Branching`; else none.
    """

    name: str
    module: nn.Module
    x: Tensor
    y: Tensor
    state: Any
    inner: "tuple[Passage, ...]" = ()

    @property
    def spiking(self) -> bool:
        """Whether what came out are spikes."""
        if isinstance(self.module, SpikingLayer):
            return self.module.neuron.spiking
        return isinstance(self.module, DPI)


def pass_through(name: str, module: nn.Module, x: Tensor, state: Any = None) -> Passage:  # noqa: ANN401 # each layer has its own
    """Run one module over time: one without memory sees all time steps at once, ``(B·T, …)``.

    Args:
        name: the module's name in the network.
        module: the module.
        x: input of each time step, ``(B, T, …)``.
        state: where an earlier run of a layer with memory ended; None: at rest.

    Examples:
        >>> import torch
        >>> pass_through("fc", nn.Linear(3, 2), torch.ones(4, 5, 3)).y.shape
        torch.Size([4, 5, 2])
    """
    if isinstance(module, StatefulLayer):
        y, end = module.run(x, state)
        return Passage(name, module, x, y, end)
    frames = apply_module(module, x.flatten(0, 1))
    return Passage(name, module, x, frames.view(-1, x.shape[1], *frames.shape[1:]), None)


def innermost(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Iterate over passages, with those within a `Branching` in its place, by dotted names.

    Examples:
        >>> import torch
        >>> one = pass_through("fc", nn.Linear(3, 2), torch.ones(4, 5, 3))
        >>> [p.name for p in innermost([one._replace(name="block", inner=(one,))])]
        ['block.fc']
    """
    for passage in passages:
        if passage.inner:
            for within in innermost(passage.inner):
                yield within._replace(name=f"{passage.name}.{within.name}")
        else:
            yield passage
