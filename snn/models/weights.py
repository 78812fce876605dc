"""Linear layers as the builders of audio networks start them."""

import torch
from torch import Tensor, nn


def scaled_linear(inputs: int, outputs: int, scale: Tensor | float = 1.0) -> nn.Linear:
    """Return a linear layer without bias, drawn as He et al. (2015) do, then scaled.

    A synapse of time constant τ sums its input up over τ / dt steps: scaled by dt / τ, weights
    drive slow neurons as much as fast ones.

    Args:
        inputs: number of inputs.
        outputs: number of outputs.
        scale: factor on all weights, or one for those of each output.

    Examples:
        >>> scaled_linear(3, 2, scale=torch.tensor([1.0, 0.0])).weight[1].abs().tolist()
        [0.0, 0.0, 0.0]
    """
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.kaiming_normal_(layer.weight)
    with torch.no_grad():
        layer.weight.mul_(torch.as_tensor(scale).reshape(-1, 1))
    return layer
