"""A chain of layers over time: stateless ones see frames, spiking ones see their sequence."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import SpikingLayer, State


class SpikingSequential(nn.Sequential):
    """A feed-forward spiking network over ``(B, T, …)``.

    Stateless modules (convolution, pooling, flatten, linear, dropout) see all frames at once, as
    ``(B·T, …)``; spiking layers see ``(B, T, …)``. Both are views of the same memory.

    Args:
        *modules: layers in order, each stateless or a :class:`~snn.layers.SpikingLayer`.

    Raises:
        InvalidInput: a module hides a spiking layer within a stateless container.

    Example:
        >>> import torch
        >>> from snn.layers import IAF
        >>> net = SpikingSequential(nn.Conv2d(2, 4, 3), IAF(), nn.Flatten(), nn.Linear(16, 3))
        >>> net(torch.ones(5, 7, 2, 4, 4)).shape
        torch.Size([5, 7, 3])
    """

    def __init__(self, *modules: nn.Module) -> None:
        for module in modules:
            _refuse_hidden_state(module)
        super().__init__(*modules)

    def forward(self, x: Float[Tensor, "b t *n"]) -> Float[Tensor, "b t *m"]:
        """Return the output of a network that starts at rest."""
        return self.run(x)[0]

    def run(
        self, x: Float[Tensor, "b t *n"], state: Sequence[State] | None = None
    ) -> tuple[Float[Tensor, "b t *m"], list[State]]:
        """Return the output and the state of each spiking layer after the last step.

        Args:
            x: input of each time step.
            state: where an earlier ``run`` ended; None: at rest.

        Raises:
            InvalidInput: the state is of another network or batch size.
        """
        layers = self.spiking_layers()
        if state is not None and len(state) != len(layers):
            message = f"{len(state)} states for {len(layers)} spiking layers"
            raise InvalidInput(message, hint="pass what run() of this network returned")
        steps = x.shape[1]
        x = _channels_last(x)
        after: list[State] = []
        for module in self:
            if isinstance(module, SpikingLayer):
                x, end = module.run(x, None if state is None else state[len(after)])
                after.append(end)
            else:
                x = _with_time(module(x.flatten(0, 1)), steps)
        return x, after

    def spiking_layers(self) -> list[SpikingLayer]:
        """Return the spiking layers in order."""
        return [module for module in self if isinstance(module, SpikingLayer)]


def _with_time(frames: Float[Tensor, "bt *n"], steps: int) -> Float[Tensor, "b t *n"]:
    return frames.view(-1, steps, *frames.shape[1:])


def _channels_last(x: Float[Tensor, "b t *n"]) -> Float[Tensor, "b t *n"]:
    """Lay images out channels-last, as the convolutions after them then do: 4 to 6 times faster."""
    if x.ndim != 5:
        return x
    frames = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    return frames.view(x.shape)


def _refuse_hidden_state(module: nn.Module) -> None:
    inner = [m for m in module.modules() if m is not module and isinstance(m, SpikingLayer)]
    if inner and not isinstance(module, SpikingLayer):
        message = f"{type(module).__name__} hides a spiking layer {type(inner[0]).__name__}"
        raise InvalidInput(message, hint="pass its layers one by one: SpikingSequential(*layers)")
