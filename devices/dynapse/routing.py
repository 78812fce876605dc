"""Who hears whom: places of neurons on their cores, tags of sources, and where spikes are sent.

A source has one tag for all it reaches, and two sources that reach the same core have different
ones; those that reach none in common may share one. So a core tells 2,048 sources apart, however
many the network has.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from devices.dynapse.chip import DynapseSpec
from devices.dynapse.coded import CodedNet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Routing:
    """Places and tags; sources are the channels of the input, then all neurons.

    Args:
        slot: place of each neuron on its core.
        reaches: cores that each source reaches, source × core of the stack.
        tag: of each source; −1 where it reaches none.
        n_sent: destinations of each neuron, the host included where it is an output.
    """

    slot: Int64[np.ndarray, " n"]
    reaches: Bool[np.ndarray, "s k"]
    tag: Int64[np.ndarray, " s"]
    n_sent: Int64[np.ndarray, " n"]


def route(net: CodedNet, spec: DynapseSpec) -> Routing:
    """Return places, tags and reach of a network; whether all of it fits is for the rules to say.

    Args:
        net: the network.
        spec: the chip.
    """
    core = net.core
    slot = np.zeros(len(core), np.int64)
    for number in range(net.n_cores):
        own = np.flatnonzero(core == number)
        slot[own] = np.arange(len(own))
    reaches = _reaches(net, spec)
    tag = _tags(reaches)
    by_chip = np.asarray(reaches.reshape(len(reaches), spec.n_chips, -1).any(2))
    to_host = np.zeros(len(core), np.int64)
    to_host[len(core) - len(net.populations[-1].core) :] = 1
    n_sent = by_chip[net.n_inputs :].sum(1) + to_host
    return Routing(slot=slot, reaches=reaches, tag=tag, n_sent=n_sent)


def _reaches(net: CodedNet, spec: DynapseSpec) -> np.ndarray:
    found = np.zeros((net.n_inputs + len(net.core), spec.n_cores), bool)
    sources, own = 0, net.n_inputs
    for one in net.populations:
        starts = (sources, own)
        for (codes, _), start in zip(one.matrices(), starts, strict=False):
            for number in np.unique(one.core):
                heard = (codes[:, one.core == number] > 0).any(1)
                found[start : start + len(codes), number] |= heard
        sources, own = own, own + len(one.core)
    return found


def _tags(reaches: np.ndarray) -> np.ndarray:
    """Return the lowest tag for each source that is free in all cores that it reaches."""
    tag = np.full(len(reaches), -1, np.int64)
    taken = np.zeros((reaches.shape[1], len(reaches)), bool)
    for source in np.flatnonzero(reaches.any(1)):
        cores = reaches[source]
        free = int(taken[cores].any(0).argmin())
        tag[source] = free
        taken[cores, free] = True
    return tag
