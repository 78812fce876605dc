"""A network as chips see it: weights, and the neurons whose sums they meet in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.layers import IAF, CubaLIF, Recurrent, SpikingLayer
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


MOST_SHIFT = 15
"""Bits that a leak shifts by at most: 4 bits say how many."""


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
    found, flow = _Stages(rule), _Flow()
    for name, module in modules_in_order(model):
        flow = found.through(name, module, flow)
    _check_alternation(flow.waiting)
    if not found.stages:
        message = "the network has no layer of weights with neurons after it"
        raise InvalidInput(message, hint="SpikingSequential(nn.Linear(…), snn.IAF(), …)")
    if rule.bit_shift:
        _check_together(found.stages, rule)
    return found.stages


class _Flow(NamedTuple):
    """What goes from module to module: weights whose neurons are to come, averages so far."""

    waiting: tuple[str, nn.Conv2d | nn.Linear] | None = None
    rescale: float = 1.0


class _Stages:
    """Stages so far, of modules that are walked through in their order."""

    def __init__(self, rule: IntegerRule) -> None:
        self.rule = rule
        self.stages: list[Stage] = []

    def through(self, name: str, module: nn.Module, flow: _Flow) -> _Flow:
        """Return what comes out of a module."""
        if isinstance(module, Branching) and not self.rule.bit_shift:
            return self._through_branches(name, module, flow)
        if isinstance(module, nn.Conv2d | nn.Linear):
            _check_alternation(flow.waiting)
            _check_weights(name, module, self.rule)
            return _Flow((name, module), flow.rescale)
        if isinstance(module, SpikingLayer):
            return self._through_neurons(name, module, flow)
        if isinstance(module, nn.AvgPool2d) and not self.rule.bit_shift:
            return flow._replace(rescale=flow.rescale / _area(name, module))
        if not isinstance(module, AS_THEY_ARE):
            raise _refused(name, module, "fold normalisation into the weights; leave others out")
        return flow

    def _through_neurons(self, name: str, module: SpikingLayer, flow: _Flow) -> _Flow:
        _check_neurons(name, module, self.rule)
        if flow.waiting is None:
            raise _refused(name, module, "put a convolution or linear layer before it")
        before, weights = flow.waiting
        if any(stage.name == before for stage in self.stages):
            raise _refused(name, module, f"{before!r} feeds other neurons already: give it weights")
        stage = Stage(
            name=before,
            weights=weights,
            spiking_name=name,
            spiking=module,
            rescale=flow.rescale,
        )
        self.stages.append(stage)
        return _Flow()

    def _through_branches(self, name: str, module: Branching, flow: _Flow) -> _Flow:
        made = {INPUT: flow}
        for inner, sources in module.sources.items():
            path = f"{name}.{inner}"
            given = _met(path, module, [made[source] for source in sources])
            made[inner] = self.through(path, module.get_submodule(inner), given)
        return _met(name, module, [made[output] for output in module.outputs])


def _met(name: str, module: nn.Module, flows: Sequence[_Flow]) -> _Flow:
    """Return what paths that meet become: sums of spikes, averaged alike."""
    if len(flows) == 1:
        return flows[0]
    if any(flow.waiting is not None for flow in flows):
        raise _refused(name, module, "paths meet in sums of spikes: put neurons before they meet")
    if len({flow.rescale for flow in flows}) > 1:
        raise _refused(name, module, "paths that meet must be averaged over equal windows")
    return flows[0]


def _check_alternation(waiting: tuple[str, nn.Module] | None) -> None:
    if waiting is not None:
        raise _refused(*waiting, "put neurons after it: snn.IAF()")


def _check_weights(name: str, module: nn.Module, rule: IntegerRule) -> None:
    if rule.bit_shift and not isinstance(module, nn.Linear):
        raise _refused(name, module, f"{rule.name} has weights from all to all: use nn.Linear")
    if rule.bit_shift and module.bias is not None:
        hint = f"{rule.name} adds biases to neurons: nn.Linear(…, bias=False), CubaLIF(bias=0.0)"
        raise _refused(name, module, hint)


def _check_neurons(name: str, module: SpikingLayer, rule: IntegerRule) -> None:
    inner = module.layer if isinstance(module, Recurrent) else module
    if not rule.bit_shift:
        if not isinstance(module, IAF):
            raise _refused(name, module, f"{rule.name} has no leak: use snn.IAF()")
        return
    if not isinstance(inner, CubaLIF):
        raise _refused(name, module, f"{rule.name} has leaky synapses and neurons: snn.CubaLIF")
    neuron = inner.neuron
    for fine, hint in (
        (inner.bit_shift, f"{rule.name} leaks by shifting: give it bit_shift=True"),
        (not inner.norm_input, "chips add inputs as they are: give it norm_input=False"),
        (neuron.reset == "subtract", f'{rule.name} subtracts thresholds: give it reset="subtract"'),
        (neuron.min_v_mem is None, f"{rule.name} has no bound but its bits: leave out min_v_mem"),
        (_longest_shift(inner) <= MOST_SHIFT, "shifts have 4 bits: time constants up to 2^15 dt"),
    ):
        if not fine:
            raise _refused(name, module, hint)


def _longest_shift(layer: CubaLIF) -> float:
    longest = torch.stack([layer.constants[name].max() for name in ("tau_mem", "tau_syn")]).max()
    return float(torch.log2(longest / layer.dt).round())


def _check_together(stages: Sequence[Stage], rule: IntegerRule) -> None:
    """Refuse what no layer is to blame for by itself."""
    last = stages[-1]
    if isinstance(last.spiking, Recurrent):
        raise _refused(last.spiking_name, last.spiking, f"{rule.name}'s last layer feeds nothing")
    for stage in stages:
        most = 1 if stage is last else 2
        if stage.spiking.neuron.n_synapses > most:
            where = "the last layer" if stage is last else "hidden layers"
            hint = f"{rule.name} has {most} synapse{'s' * (most > 1)} a neuron in {where}"
            raise _refused(stage.spiking_name, stage.spiking, hint)
        if stage.spiking.dt != last.spiking.dt:
            hint = f"{rule.name} has one time step: give all layers dt={last.spiking.dt:g}"
            raise _refused(stage.spiking_name, stage.spiking, hint)


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
