"""A network as chips see it: weights, and the neurons whose sums they meet in."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, CubaLIF, Recurrent, SpikingLayer
from snn.robustness.integer_rule import IntegerRule
from snn.sequential import SpikingSequential, modules_in_order

AS_THEY_ARE = (
    nn.Flatten,
    nn.Unflatten,
    nn.Identity,
    nn.LPPool2d,
    nn.modules.dropout._DropoutNd,  # noqa: SLF001 # the base of all kinds
)
"""Modules that hold no numbers to round."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Weights and the neurons they feed: what meets in one sum, and thus has one scale.

    Args:
        name: name of the layer with the weights.
        weights: that layer.
        spiking_name: name of the neurons.
        spiking: the neurons.
        rescale: factor on the weights for averages before them, which chips compute as sums.
    """

    name: str
    weights: nn.Conv2d | nn.Linear
    spiking_name: str
    spiking: SpikingLayer
    rescale: float

    @property
    def summed_weight(self) -> Tensor:
        """The weight as it acts on sums of spikes."""
        return self.weights.weight * self.rescale

    def addends(self) -> list[Tensor]:
        """Return weights and biases."""
        found = (
            self.summed_weight,
            self.weights.bias,
            self.spiking.recurrent_weight(),
            self.spiking.rows().get("bias"),
        )
        return [value for value in found if value is not None]

    def states(self) -> list[Tensor]:
        """Return thresholds, the lower bound and the potential after a spike."""
        neuron = self.spiking.neuron
        threshold = self.spiking.constants["spike_threshold"]
        bounds = [neuron.min_v_mem, neuron.v_reset if neuron.reset == "set" else None]
        return [threshold, *(threshold.new_tensor(v) for v in bounds if v is not None)]


def stages_of(model: SpikingSequential, rule: IntegerRule) -> list[Stage]:
    """Return the layers of weights, each with the neurons after it.

    Raises:
        InvalidInput: the rule has no integers for a layer, or it is not where it must be.

    Examples:
        >>> from snn.robustness.integer_rule import SPECK
        >>> net = SpikingSequential(nn.Linear(3, 4), IAF(), nn.Linear(4, 2), IAF())
        >>> [(stage.name, stage.spiking_name) for stage in stages_of(net, SPECK)]
        [('0', '1'), ('2', '3')]
    """
    stages: list[Stage] = []
    waiting: tuple[str, nn.Conv2d | nn.Linear] | None = None
    rescale = 1.0
    for name, module in modules_in_order(model):
        if isinstance(module, nn.Conv2d | nn.Linear):
            _check_alternation(waiting)
            waiting = (name, module)
        elif isinstance(module, SpikingLayer):
            _check_neurons(name, module, rule)
            if waiting is None:
                raise _refused(name, module, "put a convolution or linear layer before it")
            before, weights = waiting
            stages.append(
                Stage(
                    name=before,
                    weights=weights,
                    spiking_name=name,
                    spiking=module,
                    rescale=rescale,
                )
            )
            waiting, rescale = None, 1.0
        elif isinstance(module, nn.AvgPool2d):
            rescale /= _area(name, module)
        elif not isinstance(module, AS_THEY_ARE):
            raise _refused(name, module, "fold normalisation into the weights; leave others out")
    _check_alternation(waiting)
    if not stages:
        message = "the network has no layer of weights with neurons after it"
        raise InvalidInput(message, hint="SpikingSequential(nn.Linear(…), snn.IAF(), …)")
    return stages


def _check_alternation(waiting: tuple[str, nn.Module] | None) -> None:
    if waiting is not None:
        raise _refused(*waiting, "put neurons after it: snn.IAF()")


def _check_neurons(name: str, module: SpikingLayer, rule: IntegerRule) -> None:
    inner = module.layer if isinstance(module, Recurrent) else module
    if not rule.bit_shift:
        if not isinstance(module, IAF):
            raise _refused(name, module, f"{rule.name} has no leak: use snn.IAF()")
        return
    if not isinstance(inner, LIF | CubaLIF):
        raise _refused(name, module, f"{rule.name} has leaky neurons: use snn.CubaLIF or snn.LIF")
    if not inner.bit_shift:
        raise _refused(name, module, f"{rule.name} leaks by shifting: give it bit_shift=True")
    if inner.norm_input:
        raise _refused(name, module, "chips add inputs as they are: give it norm_input=False")


def _refused(name: str, module: nn.Module, hint: str) -> InvalidInput:
    message = f"module {name!r} ({type(module).__name__}) has no place in integers"
    return InvalidInput(message, hint=hint)


def _area(name: str, pool: nn.AvgPool2d) -> int:
    kernel: Iterable[int] = torch.nn.modules.utils._pair(pool.kernel_size)  # noqa: SLF001
    height, width = kernel
    area = height * width
    if area & (area - 1):
        hint = "pool by powers of two: other averages are not exact in binary"
        raise _refused(name, pool, hint)
    return area
