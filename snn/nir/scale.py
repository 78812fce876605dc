"""Numbers that inputs are multiplied with: what NIR's resistances are, where ours differ."""

from torch import Tensor, nn


class Scale(nn.Module):
    """Multiply each number of a frame with one of its own.

    Args:
        scale: one number, or one for each of a frame's.

    Examples:
        >>> import torch
        >>> Scale(torch.tensor([2.0, 3.0]))(torch.ones(1, 2)).tolist()
        [[2.0, 3.0]]
    """

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self.scale: Tensor
        self.register_buffer("scale", scale.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        """Return the input, scaled."""
        return x * self.scale
