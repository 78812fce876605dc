"""The convolutions and linear layers of a net by themselves, as they run within it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from snn.sparse_inputs import apply_module

Apply: TypeAlias = Callable[[nn.Module, Tensor], Tensor]


def run_dense(layer: nn.Module, x: Tensor) -> Tensor:
    """Run a layer as torch has it."""
    y: Tensor = layer(x)
    return y


@dataclass(frozen=True, kw_only=True)
class Alone:
    """A layer, its input as the net gives it, and a gradient as the net brings it back.

    Args:
        layer: the layer.
        x: its input; it requires a gradient where the net's did.
        gradient: gradient to its output, of the layout of the net's.
        apply: how the layer is run.
    """

    layer: nn.Module
    x: Tensor
    gradient: Tensor
    apply: Apply

    def __call__(self) -> None:
        """Do forward and backward."""
        torch.autograd.backward(self.apply(self.layer, self.x), self.gradient)
        self.x.grad = None


def convolutions_alone(
    net: nn.Module, frames: Tensor, apply: Apply = apply_module
) -> Callable[[], None]:
    """Return a call that does forward and backward of all of them, and of nothing else."""
    layers = [m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    seen: dict[nn.Module, tuple[Tensor, list[Tensor]]] = {}

    def watch(layer: nn.Module, given: tuple[Any, ...], y: Tensor) -> None:
        gradients: list[Tensor] = []
        y.register_hook(lambda grad: gradients.append(grad.clone()))  # type: ignore[no-untyped-call]
        seen[layer] = (given[0], gradients)

    handles = [layer.register_forward_hook(watch) for layer in layers]
    torch.autograd.backward(net(frames).sum())
    for handle in handles:
        handle.remove()
    parts = [
        Alone(
            layer=layer,
            x=x.detach().clone().requires_grad_(x.requires_grad),
            gradient=gradients[0],
            apply=apply,
        )
        for layer, (x, gradients) in seen.items()
    ]

    def run() -> None:
        net.zero_grad()
        for part in parts:
            part()

    return run
