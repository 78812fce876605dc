"""How many synapses each input of a layer has: exact at borders, strides and groups."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.dpi.signed_linear import SignedLinear

Convolution: TypeAlias = nn.Conv1d | nn.Conv2d | nn.Conv3d
WITH_SYNAPSES = (nn.Linear, SignedLinear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
"""Layers of weights that synapses are counted of."""


def fan_out(module: nn.Module, shape: tuple[int, ...]) -> Float[Tensor, "*shape"]:
    """Return how many synapses each input of a layer has, exactly, edges and strides included.

    Weights of zero are synapses like others: a chip computes them too.

    Args:
        module: a convolution or a linear layer.
        shape: shape of one input frame.

    Raises:
        InvalidInput: the module is of another kind.

    Examples:
        >>> fan_out(nn.Conv2d(1, 4, 3, padding=1), (1, 3, 3))[0]
        tensor([[16., 24., 16.],
                [24., 36., 24.],
                [16., 24., 16.]])
    """
    if isinstance(module, nn.Linear | SignedLinear):
        return torch.full(shape, float(module.out_features), device=module.weight.device)
    if not isinstance(module, Convolution):
        known = ", ".join(kind.__name__ for kind in WITH_SYNAPSES)
        message = f"synapses of {type(module).__name__} cannot be counted"
        raise InvalidInput(message, hint=f"fan-out is known of {known}")
    # With all weights one, the gradient of the output's sum counts the ways out of each input. All
    # channels have the same, so one of them is convolved.
    device = module.weight.device
    x = torch.zeros(1, 1, *shape[1:], device=device, requires_grad=True)
    ones = torch.ones(1, 1, *module.kernel_size, device=device)
    # Counts beyond 256 are not whole numbers in bfloat16.
    with torch.enable_grad(), torch.autocast(device.type, enabled=False):
        (ways,) = torch.autograd.grad(_convolve(module, x, ones).sum(), x)
    return ways[0].expand(shape) * (module.out_channels // module.groups)


_CONVOLVE: dict[int, Callable[..., Tensor]] = {
    3: functional.conv1d,
    4: functional.conv2d,
    5: functional.conv3d,
}


def _convolve(module: Convolution, x: Tensor, weight: Tensor) -> Tensor:
    mode = "constant" if module.padding_mode == "zeros" else module.padding_mode
    padded = functional.pad(x, _around(module), mode=mode)
    convolve = _CONVOLVE[weight.ndim]
    return convolve(padded, weight, None, module.stride, 0, module.dilation)


def _around(module: Convolution) -> list[int]:
    """Return the padding of each side, of the last axis first, as ``functional.pad`` takes it."""
    sides: list[int] = []
    for axis in reversed(range(len(module.kernel_size))):
        if module.padding == "valid":
            sides += [0, 0]
        elif isinstance(module.padding, str):  # "same": the odd one out goes behind
            total = module.dilation[axis] * (module.kernel_size[axis] - 1)
            sides += [total // 2, total - total // 2]
        else:
            sides += [module.padding[axis]] * 2
    return sides
