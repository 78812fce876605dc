"""What all layers with memory have in common."""

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput


class StatefulLayer(nn.Module):
    """A layer that remembers from one time step to the next.

    The memory is an argument and a result of ``run``; nothing is kept in the module.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the output ``(B, T, …)`` of a layer that starts at rest.

        Args:
            x: input of each time step, ``(B, T, …)``.
        """
        y: Tensor = self.run(x)[0]
        return y

    @abstractmethod
    def run(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:  # noqa: ANN401 # each has its own
        """Return the output and the state after the last step.

        Args:
            x: input of each time step, ``(B, T, …)``.
            state: where an earlier ``run`` ended; None: at rest.
        """

    def step(self, x: Tensor, state: Any = None) -> tuple[Tensor, Any]:  # noqa: ANN401 # each has its own
        """Return the output of one time step, and the state after it: for streams.

        Steps one by one give what ``run`` gives of all.

        Args:
            x: input of this step, ``(B, …)``, without a time axis.
            state: where the step before ended; None: at rest.
        """
        y, state = self.run(x.unsqueeze(1), state)
        return y.squeeze(1), state


def check_time_axis(layer: nn.Module, x: Tensor, n_dims: int = 3) -> None:
    """Refuse an input without batch, time and neurons.

    Raises:
        InvalidInput: it lacks an axis, or holds no time step.
    """
    if x.ndim < n_dims or x.shape[1] == 0:
        wanted = "(batch, time, …)" if n_dims == 3 else "(batch, time, synapse, …)"
        message = f"{type(layer).__name__} takes {wanted}, not {tuple(x.shape)}"
        raise InvalidInput(message, hint="add a time axis: x.unsqueeze(1), or use step()")
    if not x.is_floating_point():
        message = f"{type(layer).__name__} takes real numbers, not {x.dtype}"
        raise InvalidInput(message, hint=f"convert them: x.to({torch.get_default_dtype()})")
