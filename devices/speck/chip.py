"""The Speck family as data: what a core holds, what a layer may be, and who says so.

A revision of the chip is a value here, not code. Sources:

    [1] Speck 2f data sheet, §2.4 "Computational layers" and §2.5 "Readout layer"
    [2] core memories: table of the vendor's developer guide, equal in all nine-core chips
    [3] errata of Speck 2e/2f: the readout engine looks at every fourth channel of the last core
    [4] the vendor's open-source tools: which chips there are and which share a core layout; bit
        widths 8 and 16; addresses of neurons in 18 bits; older chips have kill bits
    [5] the same tools before May 2025, when four chips were dropped (dynapcnndevkit, speck2b,
        speck2cmini, speck2dmini): memories of the five-core chips, of which cores 0 to 2 have no
        memory for biases
    [6] Speck 2f data sheet, sensor layer: merge, pool, crop, flip and swap, in this order

No source was found for: limits [1] of chips before 2e, for which those of 2f are assumed; whether
DYNAP-CNN and the chips before 2e have the readout, which is assumed for all but DYNAP-CNN; whether
chips before 2e have the erratum [3], which is not assumed, as it is told of 2e and 2f only.
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
        weight_bits: width of weights and biases [1, 4].
        state_bits: width of membrane states and thresholds [1, 4].
        readout_classes: most classes of the on-chip readout [1].
        readout_channel_step: channel ``step · k`` of the last core is class ``k`` [3].
        readout_layer: number by which a destination names the on-chip readout [1].
        has_readout: whether there is an on-chip readout; see above for what is assumed.
        has_sensor: whether the chip carries a camera: all that are called Speck do.
        sensor_edge: pixels of the camera in x and y, and longest edge of its maps [6].
        sensor_pools: edges of the windows over which the sensor layer sums [6].
        address_bits: width of a neuron's address: bits of x, y and feature together [4].
        kill_bits: whether weights, biases and states have bits that switch each off, as in the
            configuration of chips before Speck 2c [4].

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
    readout_channel_step: int = 1
    readout_layer: int = 12
    has_readout: bool = True
    has_sensor: bool = True
    sensor_edge: int = 128
    sensor_pools: tuple[int, ...] = (1, 2, 4)
    address_bits: int = 18
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
"""Memories of the chips with nine cores [2]."""

FIVE_CORES = tuple(
    Core(kernel_words=kernel * KIBI, neuron_words=neuron * KIBI, bias_words=bias)
    for kernel, neuron, bias in zip(
        (16, 32, 32, 64, 16), (64, 32, 32, 16, 16), (0, 0, 0, KIBI, KIBI), strict=True
    )
)
"""Memories of the mini chips [5]."""

DYNAPCNN_DEVKIT = SpeckSpec(
    name="dynapcnndevkit", cores=NINE_CORES, has_readout=False, has_sensor=False, kill_bits=True
)
SPECK2B = SpeckSpec(name="speck2b", cores=NINE_CORES, kill_bits=True)
SPECK2B_TINY = SpeckSpec(name="speck2btiny", cores=NINE_CORES, kill_bits=True)
SPECK2C_MINI = SpeckSpec(name="speck2cmini", cores=FIVE_CORES)
SPECK2D_MINI = SpeckSpec(name="speck2dmini", cores=FIVE_CORES)
SPECK2E = SpeckSpec(name="speck2e", cores=NINE_CORES, readout_channel_step=4)
SPECK2E_DEVKIT = SpeckSpec(name="speck2edevkit", cores=NINE_CORES, readout_channel_step=4)
SPECK2F = SpeckSpec(name="speck2f", cores=NINE_CORES, readout_channel_step=4)
SPECK2F_MODULE = SpeckSpec(name="speck2fmodule", cores=NINE_CORES, readout_channel_step=4)
SPECK2F_DEVKIT = SpeckSpec(name="speck2fdevkit", cores=NINE_CORES, readout_channel_step=4)

SPECS: tuple[SpeckSpec, ...] = (
    DYNAPCNN_DEVKIT,
    SPECK2B,
    SPECK2B_TINY,
    SPECK2C_MINI,
    SPECK2D_MINI,
    SPECK2E,
    SPECK2E_DEVKIT,
    SPECK2F,
    SPECK2F_DEVKIT,
    SPECK2F_MODULE,
)
"""Every chip of the family."""
