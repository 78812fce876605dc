r"""Quantisation-aware training: the forward pass in a chip's integers, gradients straight through.

Numbers become $q = round(s\,p)$ before every forward pass. The network runs on these integers,
which float32 adds and compares exactly: spikes are those of a simulation in integers, of leaks by
shifting those of `snn.robustness.shift_leak`, where a step's weights come summed. Dropout scales
what it leaves, so the sums it leads to are rounded there; evaluation is without it. Backwards
rounding counts as the identity and the scale as a constant. Surrogates are functions of v / θ, to
which a scale of both is nothing.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn
from torch.func import functional_call

from eventstore.errors import InvalidInput, NotFound
from snn.branching import Branching
from snn.layers import SpikingLayer
from snn.objective import ScoreFn, natural_loss
from snn.robustness.integer_rule import RULES, IntegerRule
from snn.robustness.shifting_neurons import ShiftingNeurons
from snn.robustness.stages import Stage, stages_of
from snn.sequential import SpikingSequential, modules_in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantisedTraining:
    """The loss of a network whose numbers are rounded to the integers of a chip.

    Args:
        rule: name of the chip's rule: ``"speck"``, ``"xylo"`` or ``"xylo-channel"``.

    Raises:
        NotFound: there is no such rule.

    Examples:
        >>> QuantisedTraining(rule="xylo").rule
        'xylo'
    """

    rule: str = "speck"

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            what = "integer rule"
            raise NotFound.among(what, self.rule, RULES)

    def __call__(
        self, model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn
    ) -> Tensor:
        """Return the loss of the network in integers."""
        return natural_loss(score_fn(run_quantised(model, x, RULES[self.rule])), labels)


def run_quantised(model: SpikingSequential, x: Tensor, rule: IntegerRule) -> Tensor:
    """Return the output of a network with its numbers rounded to a chip's integers.

    Average pooling must be by powers of two, as on chips, for sums to stay exact.

    Args:
        model: the network; nothing of it changes.
        x: counts of events, ``(B, T, …)``; a chip that takes fewer in a step gets as many as it
            takes.
        rule: the chip's rule.

    Raises:
        InvalidInput: a layer cannot be rounded by this rule; it is named. The input is no counts.

    Examples:
        >>> import torch
        >>> from snn.layers import IAF
        >>> from snn.robustness.integer_rule import SPECK
        >>> net = SpikingSequential(nn.Linear(2, 1, bias=False), IAF())
        >>> net[0].weight.data = torch.tensor([[0.2490, 1.0]])
        >>> x = torch.tensor([[[1.0, 0.0]] * 4])
        >>> net(x).sum().item(), run_quantised(net, x, SPECK).sum().item()  # 4 · 32 ≥ 127
        (0.0, 1.0)
    """
    if not bool((x == x.round()).all()):
        message = f"the input holds {float(x[x != x.round()][0]):g}: a chip takes whole events"
        raise InvalidInput(message, hint="leave out stages that weigh or smooth events")
    taken = x if rule.max_input is None else x.clamp(max=rule.max_input)
    y: Tensor = in_integers(model, rule)(taken)
    return y


def in_integers(model: SpikingSequential, rule: IntegerRule) -> SpikingSequential:
    """Return the network as it stands now in integers, which gradients pass through to it.

    Raises:
        InvalidInput: a layer cannot be rounded by this rule; it is named.
    """
    stages = stages_of(model, rule)
    rounded: dict[str, nn.Module] = {}
    for stage, scale in zip(stages, scales_of(stages, rule), strict=True):
        rounded[stage.name] = _RoundedWeights(stage, scale)
        neurons = _RoundedNeurons(stage, scale)
        most = rule.max_spikes_out if stage is stages[-1] else rule.max_spikes
        rounded[stage.spiking_name] = ShiftingNeurons(neurons, most) if rule.bit_shift else neurons
    modules = ((name, _with(rounded, name, module)) for name, module in modules_in_order(model))
    return SpikingSequential(OrderedDict(modules))


def _with(rounded: Mapping[str, nn.Module], name: str, module: nn.Module) -> nn.Module:
    """Return a module with what is rounded in its place, or in it where it branches."""
    if not isinstance(module, Branching):
        return rounded.get(name, module)
    inner = {
        within: _with(rounded, f"{name}.{within}", module.get_submodule(within))
        for within in module.sources
    }
    return Branching(inner, sources=module.sources, outputs=module.outputs)


class _RoundedWeights(nn.Module):
    """Convolution or linear layer whose weights are integers, of sums where averages were."""

    def __init__(self, stage: Stage, scale: Tensor) -> None:
        super().__init__()
        weight, bias = stage.summed_weight, stage.weights.bias
        self.layer = stage.weights
        by_row = scale.reshape(-1, *[1] * (weight.ndim - 1)) if scale.ndim else scale
        self.numbers = {"weight": round_straight(weight * by_row) / stage.rescale}
        if bias is not None:
            self.numbers["bias"] = round_straight(bias * scale)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = functional_call(self.layer, self.numbers, (x,))
        return y


class _RoundedNeurons(SpikingLayer):
    """Neurons whose thresholds, bounds, biases and recurrent weights are integers."""

    def __init__(self, stage: Stage, scale: Tensor) -> None:
        layer, neuron = stage.spiking, stage.spiking.neuron
        bound = neuron.min_v_mem
        if bound is not None:
            bound = float((scale * scale.new_tensor(bound)).round())
        # Where each neuron has a scale, the chip subtracts: it has no potential to reset to.
        after = neuron.v_reset if scale.ndim else float((scale * neuron.v_reset).round())
        super().__init__(replace(neuron, min_v_mem=bound, v_reset=after), None, layer.dt)
        self.layer = layer
        self.scale = scale
        threshold = layer.constants["spike_threshold"].detach()
        if round(float((threshold * scale).min())) < 1:
            least = float(threshold.min())
            message = f"module {stage.spiking_name!r}: threshold {least:.3g} is rounded to 0"
            hint = f"the weights of {stage.name!r} are too large beside it: shrink the largest"
            raise InvalidInput(message, hint=hint)

    def rows(self) -> Mapping[str, Tensor]:
        rows = dict(self.layer.rows())
        for name in ("spike_threshold", "bias"):
            if name in rows:
                rows[name] = round_straight(rows[name] * self.scale)
        return rows

    def recurrent_weight(self) -> Tensor | None:
        weight = self.layer.recurrent_weight()
        if weight is None:
            return None
        synapses = weight.shape[1] // len(weight)
        by_target = self.scale.repeat(synapses) if self.scale.ndim else self.scale
        return round_straight(weight * by_target)


def scales_of(stages: Sequence[Stage], rule: IntegerRule) -> list[Tensor]:
    """Return the scale of each stage, a vector where each neuron has one of its own."""
    if rule.per_neuron:
        return [_neuron_scales(stage, rule) for stage in stages]
    if not rule.shared_scale:
        return [_scale([stage], rule) for stage in stages]
    hidden, last = stages[:-1], stages[-1:]
    shared = [_scale(hidden, rule)] * len(hidden) if hidden else []
    return shared + [_scale([stage], rule) for stage in last]


def _scale(stages: Sequence[Stage], rule: IntegerRule) -> Tensor:
    # Each layer's weights and biases by themselves: the bounds of a signed integer are lopsided, so
    # the scale of several together is the smallest of theirs.
    found = [
        rule.largest_scale([value], rule.weight_bits)
        for stage in stages
        for value in stage.addends()
    ]
    found += [rule.largest_scale(stage.states(), rule.state_bits) for stage in stages]
    smallest = found[0]
    for one in found[1:]:
        smallest = smallest.minimum(one)
    return smallest


def _neuron_scales(stage: Stage, rule: IntegerRule) -> Tensor:
    """Return the largest scale that each neuron's weights, threshold and biases allow."""
    weight = stage.summed_weight.detach().float().flatten(1).abs().amax(1)
    fed_back = stage.spiking.recurrent_weight()
    if fed_back is not None:
        into = fed_back.detach().float().abs().amax(0).reshape(-1, len(fed_back)).amax(0)
        weight = weight.maximum(into)
    _, top = rule.bounds(rule.weight_bits)
    _, most = rule.bounds(rule.state_bits)
    scale = top / weight
    biases = (stage.weights.bias, stage.spiking.rows().get("bias"))
    for state in (*stage.states(), *(bias for bias in biases if bias is not None)):
        scale = scale.minimum(most / state.detach().float().abs())
    return scale


def round_straight(value: Tensor) -> Tensor:
    """Return the nearest integers, halves to the even one; the gradient is that of the value.

    Examples:
        >>> import torch
        >>> round_straight(torch.tensor([0.5, 1.5, -2.4])).tolist()
        [0.0, 2.0, -2.0]
    """
    return value + (value.round() - value).detach()
