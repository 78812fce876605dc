"""A kind of neuron as operators take it: whole numbers and real ones, no objects."""

from typing import NamedTuple

import torch

from snn.dynamics import RESETS, Neuron


class Kind(NamedTuple):
    """What a neuron consists of, in whole numbers; what does not matter is set to one value.

    Args:
        n_synapses: exponential synapses of each neuron.
        adaptive: 1 if spikes raise the threshold.
        spiking: 1 if it spikes.
        max_spikes: most spikes in one step; 0: no limit.
        reset: 0 subtract, 1 set, 2 none.
        detached: 1 if gradients stop at the spikes of the reset.
        bounded: 1 if the potential has a lower bound.
        recurrent: 1 if spikes go back to the inputs.
        surrogate: code of the surrogate.
    """

    n_synapses: int
    adaptive: int
    spiking: int
    max_spikes: int
    reset: int
    detached: int
    bounded: int
    recurrent: int
    surrogate: int


class Numbers(NamedTuple):
    """The numbers of a neuron that are the same for all and are never trained.

    Args:
        v_min: lower bound of the potential.
        v_reset: potential after a spike, where it is set.
        reach: of the surrogate, see `snn.surrogate.Surrogate.numbers`.
        height: the same.
        lobe_reach: the same.
        lobe_height: the same.
        lobe_offset: the same.
    """

    v_min: float
    v_reset: float
    reach: float
    height: float
    lobe_reach: float
    lobe_height: float
    lobe_offset: float


def encoded(neuron: Neuron) -> tuple[list[int], list[float]]:
    """Return a neuron as operators take it, to be read as `Kind` and `Numbers`.

    Examples:
        >>> Kind(*encoded(Neuron(reset="set"))[0]).reset
        1
    """
    spiking = neuron.spiking
    reset = neuron.reset if spiking else "none"
    kind = Kind(
        n_synapses=neuron.n_synapses,
        adaptive=neuron.adaptive,
        spiking=spiking,
        max_spikes=neuron.max_spikes or 0,
        reset=RESETS.index(reset),
        detached=reset != "none" and neuron.detach_reset,
        bounded=neuron.min_v_mem is not None,
        recurrent=neuron.recurrent,
        surrogate=neuron.surrogate.code if spiking else 0,
    )
    v_min, v_reset = neuron.min_v_mem or 0.0, neuron.v_reset
    return [int(one) for one in kind], [v_min, v_reset, *neuron.surrogate.numbers]


def computed(dtype: torch.dtype) -> torch.dtype:
    """Return the precision that inputs of a type are computed in.

    Examples:
        >>> computed(torch.bfloat16)
        torch.float32
    """
    return torch.float64 if dtype == torch.float64 else torch.float32
