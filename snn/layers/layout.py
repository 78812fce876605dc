"""How the neurons of an input lie in memory, to walk them in that order."""

from typing import NamedTuple, Self

from jaxtyping import Float
from torch import Tensor


class Layout(NamedTuple):
    """Axes of neurons, and the order in which they lie in memory.

    Convolutions are fastest on channels-last tensors, and neurons do not care which of them is next
    to which: walking them in memory order saves a copy there and one back.

    Args:
        shape: of the neurons of one sample.
        order: their axes, the outermost in memory first.

    Examples:
        >>> import torch
        >>> frames = torch.zeros(6, 2, 5, 4).contiguous(memory_format=torch.channels_last)
        >>> x = frames.unflatten(0, (2, 3)).unsqueeze(2)
        >>> Layout.of(x)
        Layout(shape=(2, 5, 4), order=(1, 2, 0))
        >>> Layout.of(x).flatten(x).is_contiguous()
        True
    """

    shape: tuple[int, ...]
    order: tuple[int, ...]

    @classmethod
    def of(cls, x: Float[Tensor, "b t s *n"]) -> Self:
        """Return how the neurons of an input lie."""
        if x.ndim == 4:  # most often; and one axis has one order
            return cls((x.shape[3],), (0,))
        strides = x.stride()[3:]
        order = sorted(range(len(strides)), key=lambda axis: -strides[axis])
        return cls(tuple(x.shape[3:]), tuple(order))

    @property
    def is_plain(self) -> bool:
        """Whether the axes lie in their own order."""
        return self.order == tuple(range(len(self.order)))

    def flatten(self, values: Float[Tensor, "..."]) -> Float[Tensor, "... n"]:
        """Return values with all neurons on one axis, in memory order; axes before them stay."""
        if len(self.shape) == 1:
            return values
        lead = values.ndim - len(self.shape)
        if not self.is_plain:
            values = values.permute(*range(lead), *(lead + axis for axis in self.order))
        return values.flatten(lead)

    def unflatten(self, flat: Float[Tensor, "... n"]) -> Float[Tensor, "..."]:
        """Return values with the axes that their neurons had."""
        if len(self.shape) == 1:
            return flat
        lead = flat.ndim - 1
        whole = flat.reshape(*flat.shape[:-1], *(self.shape[axis] for axis in self.order))
        if self.is_plain:
            return whole
        back = (lead + self.order.index(axis) for axis in range(len(self.order)))
        return whole.permute(*range(lead), *back)
