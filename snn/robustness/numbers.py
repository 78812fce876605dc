"""The numbers of a network that may deviate: which there are, and how to run it with others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from snn.dpi.layer import DPI
from snn.evaluating import evaluating
from snn.layers import AxonalDelay, SpikingLayer
from snn.layers.constants import Constants
from snn.passage import innermost
from snn.sequential import SpikingSequential

Group: TypeAlias = Literal["weights", "thresholds", "time_constants"]

NOT_WEIGHTS = (AxonalDelay, nn.modules.batchnorm._NormBase)  # noqa: SLF001 # the base of all kinds
"""Their parameters are no circuits: delays are counted, normalisation is folded into weights."""

NEURONS = (SpikingLayer, DPI)
"""Layers whose constants each neuron has for itself, as circuits do."""

TIMES = ("tau", "itau")
"""How names begin of time constants, and of currents that make them."""

SMALLEST_SHARE = 0.05
"""Of a constant at least so much is left, whatever its deviation: it must stay positive."""

Deviations: TypeAlias = Mapping[str, Tensor]
"""Relative deviation by path of the number: 0.1 makes it 10 % larger in size."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Number:
    """A parameter or fixed constant of a network.

    Args:
        group: what it is.
        value: the number as it is stored; of a trained constant the logarithm.
        positive: whether it is a constant, which must stay positive.
        logarithm: whether its logarithm is what is stored.
        shape: shape that deviations of it have: of a constant that all neurons share, theirs.
    """

    group: Group
    value: Tensor
    positive: bool = False
    logarithm: bool = False
    shape: torch.Size

    def deviated(self, deviation: Tensor) -> Tensor:
        """Return what to store in its place; gradients flow to the number as it was."""
        share = 1 + deviation
        if not self.positive:
            return self.value * share
        share = share.clamp_min(SMALLEST_SHARE)
        value = self.value
        if value.shape != share.shape:
            n_new = share.ndim - value.ndim
            # Synapses come before neurons: what is missing are axes of neurons.
            value = value.reshape(*value.shape[:1], *[1] * n_new, *value.shape[1:])
        return value + share.log() if self.logarithm else value * share


def numbers_of(
    model: nn.Module, neurons: Mapping[str, torch.Size] | None = None
) -> dict[str, Number]:
    """Return the numbers of a network that may deviate, by their paths.

    Weights are all parameters but those of delays and of normalisation: kernels, biases, recurrent
    weights. Thresholds and time constants count whether they are trained or fixed.

    Args:
        model: the network.
        neurons: shape of the neurons of each layer, from `neuron_shapes`, so that each neuron
            deviates by itself; None: a constant that neurons share deviates for all alike.

    Examples:
        >>> from snn.layers import LIF
        >>> net = SpikingSequential(nn.Linear(3, 4), LIF(train=("tau_mem",)))
        >>> {path: number.group for path, number in numbers_of(net).items()}
        ... # doctest: +NORMALIZE_WHITESPACE
        {'0.weight': 'weights', '0.bias': 'weights',
        '1.constants.spike_threshold': 'thresholds',
        '1.constants.log_tau_mem': 'time_constants'}
    """
    found: dict[str, Number] = {}
    for path, module in model.named_modules():
        if isinstance(module, NOT_WEIGHTS):
            continue
        if isinstance(module, Constants):
            shape = _shape_for(path, neurons or {})
            found |= {f"{path}.{name}": one for name, one in _constants(module, shape)}
        else:
            for name, value in module.named_parameters(prefix=path, recurse=False):
                found[name] = Number(group="weights", value=value, shape=value.shape)
    return found


def _shape_for(path: str, neurons: Mapping[str, torch.Size]) -> torch.Size | None:
    """Return the neurons' shape of the layer that these constants are of, or are within."""
    return next((shape for name, shape in neurons.items() if path.startswith(f"{name}.")), None)


def _constants(module: Constants, shape: torch.Size | None) -> Iterator[tuple[str, Number]]:
    stored = [*module.named_buffers(recurse=False), *module.named_parameters(recurse=False)]
    for name, value in stored:
        plain = name.removeprefix("log_")
        synapses = value.shape[:1] if plain == "tau_syn" else torch.Size()
        each = value.shape if shape is None else torch.Size([*synapses, *shape])
        number = Number(
            group="time_constants" if plain.startswith(TIMES) else "thresholds",
            value=value,
            positive=True,
            logarithm=plain != name,
            shape=each,
        )
        yield name, number


@torch.no_grad()
def neuron_shapes(model: SpikingSequential, x: Float[Tensor, "b t *n"]) -> dict[str, torch.Size]:
    """Return the shape of the neurons of each spiking layer, by the layer's path.

    Args:
        model: the network; nothing of it changes.
        x: an input of it, of which one step of one sample is run.

    Examples:
        >>> from snn.layers import IAF
        >>> neuron_shapes(SpikingSequential(nn.Linear(3, 4), IAF()), torch.ones(1, 1, 3))
        {'1': torch.Size([4])}
    """
    with evaluating(model):
        return {
            passage.name: passage.y.shape[2:]
            for passage in innermost(model.walk(x[:1, :1]))
            if isinstance(passage.module, NEURONS)
        }


def deviated(numbers: Mapping[str, Number], deviations: Deviations) -> dict[str, Tensor]:
    """Return what to store in place of the numbers that deviate."""
    return {path: numbers[path].deviated(deviation) for path, deviation in deviations.items()}


def run_with(model: nn.Module, stored: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """Run a network with other parameters or constants than its own, which stay as they are.

    Running statistics of batch normalisation are left alone, too.

    Args:
        model: the network.
        stored: tensors by path.
        x: its input.
    """
    buffers = {name: value.clone() for name, value in model.named_buffers() if name not in stored}
    y: Tensor = functional_call(model, {**buffers, **stored}, (x,))
    return y


def groups_of(numbers: Mapping[str, Number], groups: Sequence[Group]) -> dict[str, Number]:
    """Return the numbers of some groups."""
    return {path: number for path, number in numbers.items() if number.group in groups}
