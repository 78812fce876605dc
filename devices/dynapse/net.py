"""A network of mixed-signal neurons, between graph and chip: currents in amperes, weights real."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from devices.dpi_nodes import DpiNeurons, SignedWeights
from devices.nodes import Flatten, Graph, Linear
from eventstore.errors import InvalidInput
from snn.dpi.circuit import Circuit
from snn.dpi.inhibition import ROW_COUNTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Neurons that share their sources.

    Args:
        name: the linear layer's name in the model.
        spiking_name: the neurons' name in the model.
        weight: source × neuron.
        recurrent: neuron × neuron, from the spikes of the step before; None: they do not go back.
        currents: bias currents in amperes, a row for each of `snn.dpi.circuit.CURRENTS`, and where
            inhibition has synapses of its own, for each of `snn.dpi.inhibition.INHIBITION`.

    Raises:
        InvalidInput: arrays do not fit each other, or a number is not finite or not positive.
    """

    name: str
    spiking_name: str
    weight: Float32[np.ndarray, "i n"]
    recurrent: Float32[np.ndarray, "n n"] | None = None
    currents: Float64[np.ndarray, "p n"]

    def __post_init__(self) -> None:
        n = self.weight.shape[1]
        shapes = {"weight": self.weight, "recurrent": self.recurrent, "currents": self.currents}
        wanted = {"weight": (len(self.weight), n), "recurrent": (n, n)}
        wanted["currents"] = (ROW_COUNTS[self.inhibited], n)
        for field, array in shapes.items():
            if array is not None and array.shape != wanted[field]:
                message = f"{field} of {self.name!r} is {array.shape}, expected {wanted[field]}"
                raise InvalidInput(message, hint="one column a neuron")
            if array is not None and not np.isfinite(array).all():
                message = f"{field} of {self.name!r} holds numbers that are not finite"
                raise InvalidInput(message, hint="train again: the model diverged")
        if not (self.currents > 0).all():
            message = f"currents of {self.name!r} are not all positive"
            raise InvalidInput(message, hint="in amperes: 5 pA is 5e-12")

    @property
    def n_neurons(self) -> int:
        """How many neurons there are."""
        return int(self.weight.shape[1])

    @property
    def inhibited(self) -> bool:
        """Whether inhibition has synapses of its own."""
        return len(self.currents) == ROW_COUNTS[1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DynapseNet:
    """A chain of populations: each gets the spikes of the one before, the first the input.

    Args:
        dt: length of a simulated time step in seconds; the chip itself has none.
        i_scale: amperes that a weight of 1 stands for.
        circuit: what the process of the chip fixes.
        populations: in their order.

    Raises:
        InvalidInput: there is none, two do not fit together, some alone have inhibitory synapses,
            or dt or i_scale is not positive.
    """

    dt: float
    i_scale: float
    circuit: Circuit
    populations: tuple[Population, ...]

    def __post_init__(self) -> None:
        if not self.populations:
            message = "a network without neurons"
            raise InvalidInput(message, hint="SpikingSequential(nn.Linear(…), DPI(), …)")
        for field in ("dt", "i_scale"):
            if not 0 < getattr(self, field) < math.inf:
                message = f"{field}={getattr(self, field)!r} is not positive"
                raise InvalidInput(message, hint="seconds and amperes")
        if len({one.inhibited for one in self.populations}) > 1:
            message = "some populations have inhibitory synapses of their own, others have not"
            raise InvalidInput(message, hint="give all of them the currents of inhibition, or none")
        for before, after in zip(self.populations, self.populations[1:], strict=False):
            if before.n_neurons != len(after.weight):
                message = f"{after.name!r} takes {len(after.weight)} sources, {before.name!r} "
                message += f"has {before.n_neurons} neurons"
                raise InvalidInput(message, hint="list populations in their order")

    @property
    def n_inputs(self) -> int:
        """Channels of the input."""
        return len(self.populations[0].weight)

    @property
    def n_neurons(self) -> int:
        """Neurons of all populations."""
        return sum(one.n_neurons for one in self.populations)


def net_of(graph: Graph) -> DynapseNet:
    """Return the network of a graph that breaks no rule of its layers.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> from devices.graph import graph_from_model
        >>> from snn.dpi.layer import DPI
        >>> net = snn.SpikingSequential(nn.Linear(3, 4, bias=False), DPI())
        >>> net_of(graph_from_model(net, (3,))).n_neurons
        4
    """
    weights = [node for node in graph if isinstance(node, WEIGHTS)]
    neurons = [node for node in graph if isinstance(node, DpiNeurons)]
    populations = tuple(
        Population(
            name=linear.name,
            spiking_name=spiking.name,
            weight=np.ascontiguousarray(linear.weight.T),
            recurrent=spiking.recurrent,
            currents=spiking.currents,
        )
        for linear, spiking in zip(weights, neurons, strict=True)
    )
    first = neurons[0]
    return DynapseNet(
        dt=first.dt, i_scale=first.i_scale, circuit=first.circuit, populations=populations
    )


WEIGHTS = (Linear, SignedWeights)
"""Nodes with weights: to one synapse for both signs, or to two."""

USED = (*WEIGHTS, DpiNeurons, Flatten)
"""Nodes that such a network is made of."""
