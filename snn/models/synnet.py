"""SynNet: a fully connected network that remembers by synapses of many time constants."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import CubaLIF, ExpLeak
from snn.models.inputs import check_choice, check_input, check_positive
from snn.models.weights import scaled_linear
from snn.sequential import SpikingSequential
from snn.surrogate import surrogate_named

Readout: TypeAlias = Literal["spikes", "potential"]


def synnet(
    n_classes: int,
    input_shape: tuple[int, ...],
    *,
    hidden: Sequence[int] = (24, 24, 24),
    n_tau: Sequence[int] = (2, 4, 8),
    dt: float = 0.01,
    tau_syn_base: float = 0.02,
    tau_mem: float = 0.02,
    tau_readout: float = 0.02,
    train_tau: bool = False,
    bit_shift: bool = False,
    dropout: float = 0.1,
    input_scale: float = 1.0,
    readout: Readout = "spikes",
    surrogate: str = "periodic-exponential",
    surrogate_width: float = 0.5,
) -> SpikingSequential:
    r"""Return linear layers of neurons whose synaptic time constants are spread over powers of two.

    Neuron i of a layer with k time constants has

    $$\tau_{syn,i} = 2^{j} \tau_{base}, \quad j = \lfloor i k / n \rfloor \in 0 \dots k - 1$$

    so that a layer holds neurons that follow their input and others that sum over much of it. No
    recurrence and no delay: what Xylo has in hardware (Bos and Muir, "Sub-mW neuromorphic SNN audio
    processing applications with Rockpool and Xylo", 2022). Weights are scaled down by dt / τ, by
    which a synapse sums its input up.

    Args:
        n_classes: number of outputs.
        input_shape: shape ``(C,)`` of a time step of a raster.
        hidden: neurons of each hidden layer.
        n_tau: how many time constants each has.
        dt: length of a time step in seconds: the window of the pipeline's frames.
        tau_syn_base: the shortest synaptic time constant.
        tau_mem: time constant of all membranes.
        tau_readout: of the outputs, synapse and membrane.
        train_tau: whether to train the time constants of hidden neurons, one each.
        bit_shift: round decays to what a chip computes by shifting.
        dropout: share of spikes dropped in training, in each time step anew.
        input_scale: factor on the weights of inputs as drawn; below 1 where a step counts several
            events.
        readout: ``"spikes"`` of the outputs, or the ``"potential"`` of outputs that never spike.
        surrogate: name of the surrogate gradient.
        surrogate_width: its width, in thresholds.

    Raises:
        InvalidInput: the input is no raster, lists differ in length, or an option is unknown.

    Examples:
        >>> net = synnet(4, (16,), hidden=(6,), n_tau=(3,), tau_syn_base=0.02)
        >>> net.neurons1.constants["tau_syn"]
        tensor([[0.0200, 0.0200, 0.0400, 0.0400, 0.0800, 0.0800]])
    """
    check_input("synnet", input_shape, "C")
    check_positive("synnet", dt=dt, tau_syn_base=tau_syn_base, tau_readout=tau_readout)
    check_positive("synnet", input_scale=input_scale)
    if len(hidden) != len(n_tau):
        message = f"hidden={list(hidden)} and n_tau={list(n_tau)} of synnet differ in length"
        raise InvalidInput(message, hint="give each hidden layer a number of time constants")
    check_choice("synnet", "readout", readout, ("spikes", "potential"))
    slope = surrogate_named(surrogate, width=surrogate_width)
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = input_shape[0]
    for i, (n, k) in enumerate(zip(hidden, n_tau, strict=True), 1):
        tau_syn = spread_taus(n, k, tau_syn_base)
        drawn = input_scale if i == 1 else 1.0
        layers[f"linear{i}"] = scaled_linear(inputs, n, drawn * dt / tau_syn)
        layers[f"neurons{i}"] = CubaLIF(
            torch.full((n,), tau_mem) if train_tau else tau_mem,
            [tau_syn],
            dt,
            surrogate=slope,
            bit_shift=bit_shift,
            train=("tau_mem", "tau_syn") if train_tau else (),
        )
        if dropout > 0:
            layers[f"dropout{i}"] = nn.Dropout(dropout)
        inputs = n
    layers["linear"] = scaled_linear(inputs, n_classes, dt / tau_readout)
    if readout == "potential":
        layers["synapse"] = ExpLeak(tau_readout, dt, norm_input=False, bit_shift=bit_shift)
        layers["readout"] = ExpLeak(tau_readout, dt, norm_input=False, bit_shift=bit_shift)
    else:
        layers["readout"] = CubaLIF(
            tau_readout, tau_readout, dt, surrogate=slope, bit_shift=bit_shift
        )
    return SpikingSequential(layers)


def spread_taus(n: int, n_tau: int, base: float) -> Tensor:
    """Return the synaptic time constants of a layer: runs of neurons, each twice as slow.

    Args:
        n: neurons of the layer.
        n_tau: how many time constants there are.
        base: the shortest, in seconds.

    Raises:
        InvalidInput: there are none, or more than neurons.

    Examples:
        >>> spread_taus(4, 2, 0.002)
        tensor([0.0020, 0.0020, 0.0040, 0.0040])
    """
    if not 1 <= n_tau <= n:
        message = f"{n_tau} time constants for {n} neurons"
        raise InvalidInput(message, hint="give n_tau from 1 to the number of neurons of the layer")
    return base * 2.0 ** (torch.arange(n) * n_tau // n)
