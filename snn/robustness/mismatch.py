r"""Random deviations of a network's numbers, as circuits have them that were made alike.

$$ p \leftarrow p\,(1 + \sigma \xi), \quad \xi \sim N(0, 1) $$

for weights, thresholds and time constants (Büchel et al. 2021). Mismatch is drawn once for a chip
and then stays: a draw is a chip.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.robustness.numbers import (
    Group,
    Number,
    deviated,
    groups_of,
    neuron_shapes,
    numbers_of,
)
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """How much a network's numbers deviate, and which of them.

    Args:
        sigma: standard deviation, as a share of the number: 0.2 is 20 %.
        weights: whether weights and biases deviate.
        thresholds: whether thresholds do, each neuron's by itself.
        time_constants: whether time constants do, each neuron's by itself.

    Raises:
        InvalidInput: sigma is negative or not finite, or nothing deviates.

    Examples:
        >>> Mismatch(sigma=0.2).groups
        ('weights', 'thresholds', 'time_constants')
    """

    sigma: float
    weights: bool = True
    thresholds: bool = True
    time_constants: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.sigma < math.inf:
            message = f"sigma {self.sigma} is no share of a number"
            raise InvalidInput(message, hint="give it as a fraction: 0.2 is 20 %")
        if not self.groups:
            message = "neither weights, thresholds nor time_constants are to deviate"
            raise InvalidInput(message, hint="leave one of them True, or set sigma=0")

    @property
    def groups(self) -> tuple[Group, ...]:
        """What deviates."""
        names: tuple[Group, ...] = ("weights", "thresholds", "time_constants")
        return tuple(name for name in names if getattr(self, name))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


def draw_mismatch(
    model: SpikingSequential,
    mismatch: Mismatch,
    x: Float[Tensor, "b t *n"],
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Draw a chip: tensors to store in place of the network's, by path, for `run_with`.

    Draws of one seed and several sigmas deviate in the same direction, so that curves over sigma
    compare like with like. Constants keep at least a twentieth of their value. What is the same
    for a layer in the model, such as its threshold, is drawn for each neuron.

    Args:
        model: the network; nothing of it changes.
        mismatch: how much what deviates.
        x: an input of the network, which tells how many neurons it has.
        generator: where randomness comes from; None: torch's own of the CPU.

    Examples:
        >>> from torch import nn
        >>> from snn.layers import IAF
        >>> from snn.robustness.numbers import run_with
        >>> net = SpikingSequential(nn.Linear(3, 4, bias=False), IAF())
        >>> chip = draw_mismatch(net, Mismatch(sigma=0.2), torch.ones(1, 1, 3))
        >>> {path: tuple(tensor.shape) for path, tensor in chip.items()}
        {'0.weight': (4, 3), '1.constants.spike_threshold': (4,)}
        >>> run_with(net, chip, torch.ones(2, 5, 3)).shape
        torch.Size([2, 5, 4])
    """
    numbers = numbers_of(model, neuron_shapes(model, x))
    return draw_numbers(groups_of(numbers, mismatch.groups), mismatch.sigma, generator)


def draw_numbers(
    numbers: Mapping[str, Number], sigma: float, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Draw deviations of numbers and return what to store; gradients flow to the numbers."""
    return deviated(
        numbers,
        {path: sigma * standard_normal(one, generator) for path, one in numbers.items()},
    )


def standard_normal(number: Number, generator: torch.Generator | None = None) -> Tensor:
    """Draw a normal number for each deviation, where the generator is, and move it.

    None is torch's own of the CPU wherever the network is: training keeps that one's state in its
    checkpoint, and a network draws the same on any device.
    """
    value = number.value
    where = torch.device("cpu") if generator is None else generator.device
    drawn = torch.randn(number.shape, generator=generator, device=where, dtype=value.dtype)
    return drawn.to(value.device)
