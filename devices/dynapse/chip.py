"""DYNAP-SE2 as data: how much a stack of it holds, and who says so.

Sources:

    [1] Richter, Wu, Whatley et al., "DYNAP-SE2: a scalable multi-core dynamic neuromorphic
        asynchronous spiking neural network processor", Neuromorph. Comput. Eng. 4 (2024):
        cores of 256 neurons, 64 synapses a neuron, four-bit weights, tags of 11 bits
    [2] defaults of the vendor's open-source tools, which work with a stack of four chips
    [3] the same: where each chip of the stack lies on the grid, and that spikes which leave it
        for the host go 7 steps back in x and y

The limits hold for the documented rules; nothing was run on a chip.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DynapseSpec:
    """Limits of a stack of mixed-signal chips.

    Args:
        name: what the stack is called.
        n_chips: chips of the stack [2].
        cores_per_chip: cores of a chip, which share nothing but the router [1].
        neurons_per_core: neurons of a core; all have its bias currents [1].
        synapses_per_neuron: words of a neuron's memory, one for each source that it listens to [1].
        destinations_per_neuron: chips that a neuron's spikes are sent to, the host included [1].
        n_tags: addresses by which a core tells sources apart [1].
        weight_bits: currents of a core that a synapse adds up, each or not [1].
        chip_positions: where each chip lies on the grid, ``(x, y)`` [3].
        host_hop: steps in x and in y that take a spike off the stack [3].

    Examples:
        >>> DYNAPSE2.n_cores, DYNAPSE2.n_neurons
        (16, 4096)
    """

    name: str
    n_chips: int = 4
    cores_per_chip: int = 4
    neurons_per_core: int = 256
    synapses_per_neuron: int = 64
    destinations_per_neuron: int = 4
    n_tags: int = 2048
    weight_bits: int = 4
    chip_positions: tuple[tuple[int, int], ...] = ((1, 0), (2, 0), (3, 0), (4, 0))
    host_hop: int = -7

    @property
    def n_cores(self) -> int:
        """Cores of the stack, counted through all chips."""
        return self.n_chips * self.cores_per_chip

    @property
    def n_neurons(self) -> int:
        """Neurons of the stack."""
        return self.n_cores * self.neurons_per_core

    def chip_of(self, core: int) -> int:
        """Return the chip that a core is on."""
        return core // self.cores_per_chip


DYNAPSE2 = DynapseSpec(name="dynapse2")

SPECS: tuple[DynapseSpec, ...] = (DYNAPSE2,)
"""Every stack there is."""
