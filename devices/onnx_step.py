"""One time step of a network as a module of plain operations, states in and states out.

The layers of `snn` run whole sequences in fused kernels with surrogate gradients. What leaves for
another runtime is one step of the same recurrence, `snn.dynamics.step`, without gradients: numbers
that depend on constants alone are worked out once, and the state of a layer is one tensor.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.branching import INPUT, Branching
from snn.dynamics import Neuron
from snn.layers import SpikingLayer, StatefulLayer
from snn.layers.delay import AxonalDelay
from snn.layers.spiking import State
from snn.sequential import SpikingSequential, modules_in_order


class NeuronStep(nn.Module):
    """One step of a layer of neurons.

    The state is ``(B, K, …)``: the potential, then the current of each synapse, adaptation and
    spikes, as far as the neurons have them.

    Args:
        layer: the layer, as trained.
    """

    def __init__(self, layer: SpikingLayer) -> None:
        super().__init__()
        self.neuron: Neuron = layer.neuron
        rows = {name: value.detach().clone() for name, value in layer.rows().items()}
        self.names = tuple(rows)
        for name, value in rows.items():
            self.register_buffer(name, value)
        weight = layer.recurrent_weight()
        self.register_buffer("weight", None if weight is None else weight.detach().clone())

    def constant(self, name: str, default: float) -> Tensor | float:
        """Return a constant, or what the simplest neuron has."""
        return getattr(self, name) if name in self.names else default

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return the output and the state after the step."""
        neuron = self.neuron
        v_mem, *rest = state.unbind(1)
        weight = self.weight
        if isinstance(weight, Tensor):
            x = x + (rest.pop() @ weight).view(x.shape)
        adaptation = rest.pop() if neuron.adaptive else None
        currents = self._currents(x, rest)
        total = sum(currents[1:], currents[0]) if currents else x
        v_mem = self.constant("alpha", 1.0) * v_mem + self.constant("gain", 1.0) * total
        v_mem = v_mem + self.constant("bias", 0.0)
        threshold = self.constant("spike_threshold", 1.0)
        if adaptation is not None:
            threshold = threshold + self.constant("adapt_scale", 0.0) * adaptation
        y = v_mem
        if neuron.spiking:
            y = torch.floor(v_mem / threshold).clamp(0.0, neuron.max_spikes)
            v_mem = _after_reset(v_mem, y, threshold, neuron)
        if neuron.min_v_mem is not None:
            v_mem = v_mem.clamp_min(neuron.min_v_mem)
        y = y if neuron.spiking else v_mem
        after = [v_mem, *currents]
        if adaptation is not None:
            rho = self.constant("rho", 0.0)
            after.append(rho * adaptation + (1 - rho) * y)
        return y, torch.stack([*after, y] if neuron.recurrent else after, 1)

    def _currents(self, x: Tensor, before: Sequence[Tensor]) -> list[Tensor]:
        if not self.neuron.n_synapses:
            return []
        inputs = x.unbind(1) if self.neuron.n_synapses > 1 else (x,)
        beta = self.get_buffer("beta")
        return [
            beta[k] * (one + x_k) for k, (one, x_k) in enumerate(zip(before, inputs, strict=True))
        ]


class DelayStep(nn.Module):
    """One step of axonal delays, of whole steps each; the state is what came in before.

    Args:
        layer: the layer, as trained.
    """

    def __init__(self, layer: AxonalDelay) -> None:
        super().__init__()
        steps = (layer.delay.detach().clamp(0, layer.max_delay) / layer.dt).round()
        index = layer.n_history - steps.clamp_max(layer.n_history - 1).long()
        self.register_buffer("index", index[None, None, :])

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return what came in a delay ago, and the inputs of the last steps."""
        past = torch.cat([state, x.unsqueeze(1)], 1)
        index = self.get_buffer("index").expand(x.shape[0], 1, x.shape[1])
        return past.gather(1, index).squeeze(1), past[:, 1:]


class SingleStep(nn.Module):
    """One time step of a whole network: ``(x, *states) → (y, *states)``.

    Args:
        model: the network; what it holds is copied.

    Raises:
        InvalidInput: a layer with memory has no form of one step.

    Examples:
        >>> import snn
        >>> step = SingleStep(snn.SpikingSequential(nn.Linear(3, 2), snn.LIF()))
        >>> states = step.initial_states(torch.zeros(1, 3))
        >>> y, after = step(torch.ones(1, 3), *states)
        >>> y.shape, after.shape, step.state_names
        (torch.Size([1, 2]), torch.Size([1, 1, 2]), ('1',))
    """

    def __init__(self, model: SpikingSequential) -> None:
        super().__init__()
        self.model = model
        self.steps = nn.ModuleList()
        self.state_names: tuple[str, ...] = ()
        for name, module in _layers_with_memory(model):
            self.steps.append(_step_of(name, module))
            self.state_names += (name,)

    def initial_states(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the states at rest, for inputs of one step such as x."""
        with torch.no_grad():
            after = self.model.run(torch.zeros_like(x).unsqueeze(1))[1]
        return tuple(torch.zeros_like(one) for one in _flat_states(after))

    def forward(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Return the output and the states after the step."""
        steps = iter(zip(self.steps, states, strict=True))
        after: list[Tensor] = []
        for _, module in modules_in_order(self.model):
            if isinstance(module, Branching):
                x = _through_branches(module, x, steps, after)
            else:
                x = _through(module, x, steps, after)
        return (x, *after)


def packed_states(after: Sequence[Any]) -> tuple[Tensor, ...]:
    """Return the states that ``model.run`` returns as `SingleStep` takes them."""
    return tuple(_flat_states(after))


def _through(
    module: nn.Module, x: Tensor, steps: Iterator[tuple[nn.Module, Tensor]], after: list[Tensor]
) -> Tensor:
    if not isinstance(module, StatefulLayer):
        made: Tensor = module(x)
        return made
    step, state = next(steps)
    y: Tensor
    y, end = step(x, state)
    after.append(end)
    return y


def _through_branches(
    block: Branching,
    x: Tensor,
    steps: Iterator[tuple[nn.Module, Tensor]],
    after: list[Tensor],
) -> Tensor:
    made = {INPUT: x}
    for name, sources in block.sources.items():
        given = _sum(made, sources)
        made[name] = _through(block.get_submodule(name), given, steps, after)
    return _sum(made, block.outputs)


def _sum(made: Mapping[str, Tensor], names: Sequence[str]) -> Tensor:
    total = made[names[0]]
    for name in names[1:]:
        total = total + made[name]
    return total


def _layers_with_memory(model: SpikingSequential) -> Iterator[tuple[str, nn.Module]]:
    """Iterate over the layers that have a state, those of a `Branching` by dotted names."""
    for name, module in modules_in_order(model):
        if isinstance(module, Branching):
            for within in module.sources:
                if isinstance(module.get_submodule(within), StatefulLayer):
                    yield f"{name}.{within}", module.get_submodule(within)
        elif isinstance(module, StatefulLayer):
            yield name, module


def _step_of(name: str, module: nn.Module) -> nn.Module:
    if isinstance(module, SpikingLayer):
        return NeuronStep(module)
    if isinstance(module, AxonalDelay):
        return DelayStep(module)
    message = f"layer {name!r}, a {type(module).__name__}, has no form of one step"
    raise InvalidInput(message, hint="known are layers of neurons and axonal delays")


def _flat_states(after: Sequence[Any]) -> Iterator[Tensor]:
    for one in after:
        if isinstance(one, State):
            parts = [one.v_mem.unsqueeze(1)]
            parts += [] if one.i_syn is None else [one.i_syn]
            parts += [p.unsqueeze(1) for p in (one.adaptation, one.spikes) if p is not None]
            yield torch.cat(parts, 1)
        elif isinstance(one, Tensor):
            yield one
        else:
            yield from _flat_states(one)


def _after_reset(
    v_mem: Tensor, spikes: Tensor, threshold: Tensor | float, neuron: Neuron
) -> Tensor:
    if neuron.reset == "none":
        return v_mem
    if neuron.reset == "subtract":
        return v_mem - threshold * spikes
    fired = spikes.clamp_max(1.0)
    return v_mem * (1.0 - fired) + neuron.v_reset * fired
