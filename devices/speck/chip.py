"""The Speck family as data: what a core holds, what a layer may be, and who says so.

A revision of the chip is a value here, not code. Sources:

    [1] Speck 2f data sheet, §2.4 "Computational layers" and §2.5 "Readout layer"
    [2] core memories: table of the vendor's developer guide, equal in all nine-core chips
    [3] errata of Speck 2e/2f: the readout engine looks at every fourth channel of the last core
"""

from dataclasses import dataclass

KIBI = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Memory of one core, in words.

    Args:
        kernel_words: weights, 8 bits each.
        neuron_words: membrane states, 16 bits each.
        bias_words: biases, 8 bits each.
    """

    kernel_words: int
    neuron_words: int
    bias_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeckSpec:
    """Limits of one chip of the Speck family.

    Args:
        name: what the chip is called.
        cores: memories of each core, in order of their number [2].
        max_kernel: longest edge of a kernel, which is square [1].
        strides: steps of a kernel, chosen apart in x and y [1].
        max_padding: most zeros added on a side, chosen apart in x and y [1].
        pools: edges of the square windows of sum pooling, whose stride is their edge [1].
        max_features: most features going into or coming out of a layer [1].
        max_input: longest edge of a layer's input map [1].
        max_output: longest edge of a layer's output map [1].
        max_destinations: most layers that one layer sends its spikes to [1].
        weight_bits: width of weights and biases [1].
        state_bits: width of membrane states and thresholds [1].
        readout_classes: most classes of the on-chip readout [1].
        readout_channel_step: channel ``step · k`` of the last core is class ``k`` [3].
        readout_layer: number by which a destination names the on-chip readout [1].
        kill_bits: whether weights, biases and states have bits that switch each off, as in the
            configuration of chips before Speck 2c.

    Examples:
        >>> SPECK2F_MODULE.n_cores, SPECK2F_MODULE.weight_range
        (9, (-128, 127))
    """

    name: str
    cores: tuple[Core, ...]
    max_kernel: int = 16
    strides: tuple[int, ...] = (1, 2, 4, 8)
    max_padding: int = 7
    pools: tuple[int, ...] = (1, 2, 4)
    max_features: int = 1024
    max_input: int = 128
    max_output: int = 64
    max_destinations: int = 2
    weight_bits: int = 8
    state_bits: int = 16
    readout_classes: int = 15
    readout_channel_step: int = 4
    readout_layer: int = 12
    kill_bits: bool = False

    @property
    def n_cores(self) -> int:
        """Number of cores, each of which computes one layer."""
        return len(self.cores)

    @property
    def weight_range(self) -> tuple[int, int]:
        """Smallest and largest weight."""
        return signed_range(self.weight_bits)

    @property
    def state_range(self) -> tuple[int, int]:
        """Smallest and largest membrane state."""
        return signed_range(self.state_bits)


def signed_range(bits: int) -> tuple[int, int]:
    """Return the smallest and largest integer of so many bits.

    Examples:
        >>> signed_range(8)
        (-128, 127)
    """
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


NINE_CORES = tuple(
    Core(kernel_words=kernel * KIBI, neuron_words=neuron * KIBI, bias_words=1 * KIBI)
    for kernel, neuron in zip(
        (16, 16, 16, 32, 32, 64, 64, 16, 16),
        (64, 64, 64, 32, 32, 16, 16, 16, 16),
        strict=True,
    )
)

SPECK2E = SpeckSpec(name="speck2e", cores=NINE_CORES)
SPECK2E_DEVKIT = SpeckSpec(name="speck2edevkit", cores=NINE_CORES)
SPECK2F = SpeckSpec(name="speck2f", cores=NINE_CORES)
SPECK2F_MODULE = SpeckSpec(name="speck2fmodule", cores=NINE_CORES)
SPECK2F_DEVKIT = SpeckSpec(name="speck2fdevkit", cores=NINE_CORES)
