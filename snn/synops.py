"""How often spikes cross synapses: what a spiking chip spends its energy on."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from snn.layers import SpikingLayer
from snn.sequential import Passage


def fan_out(module: nn.Module, shape: tuple[int, ...]) -> Float[Tensor, "*shape"]:
    """Return how many synapses each input of a layer has, exactly, edges and strides included.

    Args:
        module: a convolution or a linear layer.
        shape: shape of one input frame.

    Examples:
        >>> fan_out(nn.Conv2d(1, 4, 3, padding=1), (1, 3, 3))[0]
        tensor([[16., 24., 16.],
                [24., 36., 24.],
                [16., 24., 16.]])
    """
    # With all weights one, the gradient of the output's sum counts the ways out of each input.
    ones = {name: torch.ones_like(p) for name, p in module.named_parameters()}
    device = next(module.parameters()).device
    x = torch.zeros(1, *shape, device=device, requires_grad=True)
    with torch.enable_grad():
        y = functional_call(module, ones, x)
        (ways,) = torch.autograd.grad(y.sum(), x)
    return ways[0]


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
    """

    def __init__(self) -> None:
        self._samples: dict[str, int] = {}
        self._spikes: dict[str, float] = {}
        self._synops: dict[str, float] = {}
        self._fan_out: dict[str, Tensor] = {}
        self._events_per_unit = 1

    def add(self, passage: Passage) -> None:
        """Count what one module was given and made of it; modules come in network order."""
        name, module = passage.name, passage.module
        x, y = passage.x.detach(), passage.y.detach()
        self._samples[name] = self._samples.get(name, 0) + len(x)
        if isinstance(module, SpikingLayer):
            self._spikes[name] = self._spikes.get(name, 0.0) + float(y.sum(dtype=torch.float64))
            self._events_per_unit = 1
        elif isinstance(module, nn.AvgPool2d):
            # A chip sums instead of averaging: one pooled unit stands for that many events.
            side = module.kernel_size
            self._events_per_unit *= side * side if isinstance(side, int) else side[0] * side[1]
        elif isinstance(module, nn.Conv2d | nn.Linear):
            if name not in self._fan_out:
                self._fan_out[name] = fan_out(module, tuple(x.shape[2:]))
            each = x.sum((0, 1), dtype=torch.float64) * self._events_per_unit
            operations = float((each * self._fan_out[name]).sum())
            self._synops[name] = self._synops.get(name, 0.0) + operations
            self._events_per_unit = 1

    def spikes(self) -> dict[str, float]:
        """Return spikes per sample of each spiking layer."""
        return self._per_sample(self._spikes)

    def synops(self) -> dict[str, float]:
        """Return synaptic operations per sample of each layer with weights."""
        return self._per_sample(self._synops)

    def _per_sample(self, sums: Mapping[str, float]) -> dict[str, float]:
        return {name: total / self._samples[name] for name, total in sums.items()}
