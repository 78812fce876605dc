"""A chain of layers over time: stateless ones see frames, spiking ones see their sequence."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import Branching
from snn.layers import SpikingLayer, StatefulLayer
from snn.passage import Passage, pass_through
from snn.shortcuts import run_first


class SpikingSequential(nn.Sequential):
    """A feed-forward spiking network over ``(B, T, …)``.

    Stateless modules (convolution, pooling, flatten, linear, dropout) see all frames at once, as
    ``(B·T, …)``; layers with memory see ``(B, T, …)``. Both are views of the same memory.

    Args:
        *modules: layers in order, each stateless or a `StatefulLayer`; or one
            ``OrderedDict`` of them by name, as ``nn.Sequential`` takes.

    Raises:
        InvalidInput: a module hides a layer with memory within a stateless container.

    Examples:
        >>> import torch
        >>> from snn.layers import IAF
        >>> net = SpikingSequential(nn.Conv2d(2, 4, 3), IAF(), nn.Flatten(), nn.Linear(16, 3))
        >>> net(torch.ones(5, 7, 2, 4, 4)).shape
        torch.Size([5, 7, 3])
    """

    def __init__(self, *modules: nn.Module | OrderedDict[str, nn.Module]) -> None:
        super().__init__(*modules)  # type: ignore[arg-type]  # either form, as torch takes it
        for module in self:
            _refuse_hidden_state(module)

    def forward(self, x: Float[Tensor, "b t *n"]) -> Float[Tensor, "b t *m"]:
        """Return the output of a network that starts at rest."""
        return self.run(x)[0]

    def run(
        self, x: Float[Tensor, "b t *n"], state: Sequence[Any] | None = None
    ) -> tuple[Float[Tensor, "b t *m"], list[Any]]:
        """Return the output and the state of each stateful layer after the last step.

        Args:
            x: input of each time step.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another network or batch size.
        """
        states = self._states(state)
        after: list[Any] = []
        modules: list[nn.Module] = [*self]
        while modules:
            second, third, *_ = (*modules[1:], None, None)
            x, end, n_modules = run_first((modules[0], second, third), x, states)
            del modules[:n_modules]
            if end is not None:
                after.append(end)
        return x, after

    def walk(
        self, x: Float[Tensor, "b t *n"], state: Sequence[Any] | None = None
    ) -> Iterator[Passage]:
        """Run module by module, for those who want to look between them.

        Args:
            x: input of each time step.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another network or batch size.
        """
        states = self._states(state)
        for name, module in modules_in_order(self):
            begin = next(states) if isinstance(module, StatefulLayer) else None
            if isinstance(module, Branching):
                passage = module.passage(name, x, begin)
            else:
                passage = pass_through(name, module, x, begin)
            yield passage
            x = passage.y

    def _states(self, state: Sequence[Any] | None) -> Iterator[Any]:
        """Iterate over the states that layers begin with."""
        n_states = sum(isinstance(module, StatefulLayer) for module in self)
        if state is not None and len(state) != n_states:
            message = f"{len(state)} states for {n_states} layers that have one"
            raise InvalidInput(message, hint="pass what run() of this network returned")
        return iter(repeat(None) if state is None else state)

    def spiking_layers(self) -> list[SpikingLayer]:
        """Return the spiking layers in order, those of a `Branching` in its place."""
        found: list[SpikingLayer] = []
        for module in self:
            within = module.children() if isinstance(module, Branching) else (module,)
            found += [layer for layer in within if isinstance(layer, SpikingLayer)]
        return found


def modules_in_order(chain: nn.Sequential) -> Iterator[tuple[str, nn.Module]]:
    """Iterate over the modules of a chain by name, one that is in it twice included twice.

    ``named_children`` leaves out repetitions, and with them layers of the network: neurons and
    pooling hold no weights, so one module may well serve in several places.

    Examples:
        >>> pool = nn.AvgPool2d(2)
        >>> [name for name, _ in modules_in_order(nn.Sequential(pool, nn.Flatten(), pool))]
        ['0', '1', '2']
    """
    for name, module in chain.named_modules(remove_duplicate=False):
        if name and "." not in name:  # names of modules hold no dots, paths below them do
            yield name, module


def _refuse_hidden_state(module: nn.Module) -> None:
    inner = [m for m in module.modules() if m is not module and isinstance(m, StatefulLayer)]
    if inner and not isinstance(module, StatefulLayer):
        message = f"{type(module).__name__} hides a layer with memory, {type(inner[0]).__name__}"
        raise InvalidInput(message, hint="pass its layers one by one: SpikingSequential(*layers)")
