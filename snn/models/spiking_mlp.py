"""Fully connected spiking networks for audio: feed-forward or recurrent, with delays or without."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import LIF, AxonalDelay, CubaLIF, ExpLeak, Recurrent, SpikingLayer
from snn.models.inputs import check_choice, check_input, check_positive
from snn.models.weights import scaled_linear
from snn.sequential import SpikingSequential
from snn.surrogate import Surrogate, surrogate_named

Range: TypeAlias = Sequence[float]
"""Shortest and longest, in seconds."""

Readout: TypeAlias = Literal["potential", "spikes"]


def spiking_mlp(
    n_classes: int,
    input_shape: tuple[int, ...],
    *,
    hidden: Sequence[int] = (128, 128),
    dt: float = 0.01,
    tau_mem: Range = (0.01, 0.1),
    tau_syn: Range | None = None,
    train_tau: bool = True,
    recurrent: bool = False,
    max_delay: float = 0.0,
    dropout: float = 0.3,
    readout: Readout = "potential",
    tau_readout: float = 0.1,
    surrogate: str = "single-exponential",
    surrogate_width: float = 0.5,
) -> SpikingSequential:
    """Return linear layers with neurons that each have time constants of their own.

    Time constants start log-uniform in their range, and weights as He et al. (2015) draw them,
    both from the generator of torch, so seed that first. Neurons spike once a step at most.

    Args:
        n_classes: number of outputs.
        input_shape: shape ``(C,)`` of a time step of a raster.
        hidden: neurons of each hidden layer.
        dt: length of a time step in seconds: the window of the pipeline's frames.
        tau_mem: range of the membranes' time constants.
        tau_syn: range of the synapses'; absent: neurons without, `LIF` in place of `CubaLIF`.
        train_tau: whether to train time constants, one a neuron.
        recurrent: whether spikes of hidden layers go back into them.
        max_delay: longest axonal delay behind hidden layers in seconds, trained from a uniform
            start over two thirds of it; 0: no delays.
        dropout: share of spikes dropped in training, in each time step anew.
        readout: ``"potential"`` of leaky integrators, or ``"spikes"`` of `LIF` neurons, for chips.
        tau_readout: their time constant.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds.

    Raises:
        InvalidInput: the input is no raster, a range is none, or an option is unknown.

    Examples:
        >>> net = spiking_mlp(10, (64,), hidden=(32,), max_delay=0.3)
        >>> [type(module).__name__ for module in net]
        ['Linear', 'LIF', 'AxonalDelay', 'Dropout', 'Linear', 'ExpLeak']
    """
    check_input("spiking_mlp", input_shape, "C")
    check_positive("spiking_mlp", dt=dt, **{f"hidden[{i}]": n for i, n in enumerate(hidden)})
    if max_delay < 0:
        message = f"max_delay={max_delay!r} of spiking_mlp is below 0"
        raise InvalidInput(message, hint="give seconds, such as 0.3; 0: no delays")
    slope = surrogate_named(surrogate, width=surrogate_width)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = input_shape[0]
    for i, n in enumerate(hidden, 1):
        layers[f"linear{i}"] = scaled_linear(inputs, n)
        neurons = _neurons(n, dt, (tau_mem, tau_syn), slope, train_tau=train_tau)
        layers[f"neurons{i}"] = Recurrent(neurons, n) if recurrent else neurons
        if max_delay > 0:
            delay = torch.rand(n) * max_delay * 2 / 3
            layers[f"delay{i}"] = AxonalDelay(delay, n, max_delay=max_delay, dt=dt, train=True)
        if dropout > 0:
            layers[f"dropout{i}"] = nn.Dropout(dropout)
        inputs = n
    layers["linear"] = nn.Linear(inputs, n_classes, bias=False)
    layers["readout"] = _readout(readout, tau_readout, dt, slope)
    return SpikingSequential(layers)


def _neurons(
    n: int, dt: float, taus: tuple[Range, Range | None], slope: Surrogate, *, train_tau: bool
) -> SpikingLayer:
    tau_mem, tau_syn = taus
    start = spread_log(n, tau_mem, "tau_mem")
    if tau_syn is None:
        train = ("tau_mem",) if train_tau else ()
        return LIF(start, dt, max_spikes=1, surrogate=slope, train=train)
    return CubaLIF(
        start,
        [spread_log(n, tau_syn, "tau_syn")],
        dt,
        max_spikes=1,
        surrogate=slope,
        norm_input=True,
        train=("tau_mem", "tau_syn") if train_tau else (),
    )


def _readout(kind: str, tau: float, dt: float, slope: Surrogate) -> SpikingLayer:
    check_choice("spiking_mlp", "readout", kind, ("potential", "spikes"))
    if kind == "potential":
        return ExpLeak(tau, dt)
    # Weighed by 1 - α, sparse spikes would not drive an output to threshold from the start.
    return LIF(tau, dt, surrogate=slope, norm_input=False)


def spread_log(n: int, span: Range, name: str) -> Tensor:
    """Draw time constants evenly over the logarithms of a range, from the generator of torch.

    Args:
        n: how many.
        span: shortest and longest, in seconds.
        name: what to call them where the range is none.

    Raises:
        InvalidInput: the range is none.

    Examples:
        >>> spread_log(3, (0.02, 0.02), "tau_mem")
        tensor([0.0200, 0.0200, 0.0200])
    """
    if len(span) != 2 or not 0 < span[0] <= span[1] < math.inf:
        message = f"{name}={span!r} is no range of times"
        raise InvalidInput(message, hint="give shortest and longest in seconds: [0.01, 0.1]")
    low, high = math.log(span[0]), math.log(span[1])
    return torch.exp(low + (high - low) * torch.rand(n))
