"""Fully connected networks of mixed-signal neurons, as DYNAP-SE2 has them."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.dpi.circuit import BiasCurrents
from snn.dpi.inhibition import InhibitionCurrents
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.models.inputs import check_positive
from snn.sequential import SpikingSequential
from snn.surrogate import surrogate_named

Weights = TypeVar("Weights", nn.Linear, SignedLinear)


def dpi_mlp(
    n_classes: int,
    input_shape: tuple[int, ...],
    *,
    hidden: Sequence[int] = (64,),
    dt: float = 0.01,
    tau_mem: float = 0.05,
    tau_syn: float = 0.03,
    t_ref: float = 0.005,
    tau_inh: float | None = None,
    recurrent: bool = False,
    input_scale: float = 1.0,
    dropout: float = 0.0,
    surrogate: str = "single-exponential",
    surrogate_width: float = 0.1,
) -> SpikingSequential:
    """Return linear layers with neurons of differential-pair integrators.

    Weights start a little above zero, as excitation has to lead; outputs are scored by their
    spikes. Without ``tau_inh`` a neuron has one synapse for both signs, which adds up positive
    input alone. On the chip a neuron has 64 synapses: inputs and layers of at most 64, less
    the layer's own neurons where it is recurrent.

    Args:
        n_classes: number of outputs.
        input_shape: shape of a time step: ``(C,)``, or ``(C, H, W)``, which is flattened.
        hidden: neurons of each hidden layer.
        dt: length of a time step in seconds: the window of the pipeline's frames.
        tau_mem: time constant of membranes in seconds.
        tau_syn: that of synapses.
        t_ref: refractory period in seconds.
        tau_inh: time constant of inhibitory synapses of their own, in seconds; None: there are
            none.
        recurrent: whether spikes of hidden layers go back into them.
        input_scale: factor on the first layer's weights at the start: below 1 where many events
            fall into a step.
        dropout: share of spikes dropped in training, in each time step anew.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds of the membrane's potential.

    Raises:
        InvalidInput: a size or time is not positive, dropout is no share, or a recurrent network
            is to have inhibitory synapses.

    Examples:
        >>> net = dpi_mlp(10, (1, 8, 8), hidden=(32,))
        >>> [type(module).__name__ for module in net]
        ['Flatten', 'Linear', 'DPI', 'Linear', 'DPI']
    """
    sizes = {f"hidden[{i}]": n for i, n in enumerate(hidden)}
    times = {"dt": dt, "tau_mem": tau_mem, "tau_syn": tau_syn, "t_ref": t_ref}
    times |= {} if tau_inh is None else {"tau_inh": tau_inh}
    check_positive("dpi_mlp", **times, input_scale=input_scale, **sizes)
    if not 0 <= dropout < 1:
        message = f"dropout={dropout!r} of dpi_mlp is no share"
        raise InvalidInput(message, hint="0.2 drops a fifth of the spikes; 0: none")
    currents = BiasCurrents.from_times(tau_mem=tau_mem, tau_syn=tau_syn, t_ref=t_ref)
    inhibition = None if tau_inh is None else InhibitionCurrents.from_times(tau_inh=tau_inh)
    slope = surrogate_named(surrogate, width=surrogate_width)

    def neurons(n: int | None) -> DPI:
        return DPI(currents, dt, inhibition=inhibition, n_recurrent=n, surrogate=slope)

    def weights(inputs: int, outputs: int, scale: float) -> nn.Linear | SignedLinear:
        if inhibition is None:
            return _started(nn.Linear(inputs, outputs, bias=False), scale)
        return _started(SignedLinear(inputs, outputs), scale)

    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if len(input_shape) > 1:
        layers["flatten"] = nn.Flatten()
    before, scale = math.prod(input_shape), input_scale
    for i, n in enumerate(hidden, 1):
        layers[f"linear{i}"] = weights(before, n, scale)
        layers[f"neurons{i}"] = neurons(n if recurrent else None)
        if dropout > 0:
            layers[f"dropout{i}"] = nn.Dropout(dropout)
        before, scale = n, FEW_SPIKES
    layers["linear"] = weights(before, n_classes, scale)
    layers["readout"] = neurons(None)
    return SpikingSequential(layers)


FEW_SPIKES = 3.0
"""Factor on weights from neurons, which spike in a tenth of the steps at the start."""

ABOVE_ZERO = 0.3
"""Mean of weights at the start, in standard deviations."""


def _started(layer: Weights, scale: float) -> Weights:
    with torch.no_grad():
        layer.weight.normal_(ABOVE_ZERO).mul_(scale / math.sqrt(layer.in_features))
    return layer
