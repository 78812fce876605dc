"""The Xylo family as data: how many neurons there are, what they take, and who says so.

A revision of the chip is a value here, not code. Sources:

    [1] the vendor's open-source tools: default limits of the mapper of each chip
    [2] their simulator of the core in C++: widths of states, caps of spikes in a time step
    [3] their introduction to Xylo IMU: 128 hidden neurons take inputs, 128 reach outputs, a hidden
        neuron reaches 512 others
    [4] their function that makes a configuration: it takes the first 128 neurons with inputs and
        the last 128 with outputs (and drops the others), and one alias a neuron
    [5] their front ends: 16 channels of Audio 2 and 3; the interface of IMU has 15

No source was found for: how far hidden neurons of Audio 2 and 3 reach, which is taken as
everywhere; how many words of weights the chips hold, so none are counted.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloSpec:
    """Limits of one chip of the Xylo family.

    Args:
        name: what the chip is called here.
        product: the vendor's number.
        n_inputs: most inputs [1].
        n_hidden: most hidden neurons [1].
        n_outputs: most output neurons [1].
        n_synapses: most synapses of a hidden neuron; an output neuron has one [1].
        input_reach: only the first so many hidden neurons take inputs [3, 4]; None: all do.
        output_reach: only the last so many hidden neurons reach outputs [3, 4]; None: all do.
        fan_out: most hidden neurons that one reaches [3]; None: not known.
        tested_outputs: so many outputs the vendor's tools take without a warning [1].
        front_end: channels of the chip's own front end [5].
        weight_bits: width of weights [2].
        state_bits: width of states, thresholds and biases [2].
        dash_bits: width of bit-shift decays [1].
        max_input_spikes: most spikes of an input in a time step [2].
        max_hidden_spikes: most spikes of a hidden neuron in a time step [2].
        max_output_spikes: most spikes of an output neuron in a time step [2].
        aliases: most neurons that a hidden neuron hands its spikes on to [4].
        hidden_group: what the vendor's configuration calls hidden neurons [4].

    Examples:
        >>> XYLO_IMU.n_hidden, XYLO_IMU.weight_top, XYLO_IMU.state_top
        (496, 127, 32767)
    """

    name: str
    product: str
    n_inputs: int = 16
    n_hidden: int
    n_outputs: int
    n_synapses: int
    input_reach: int | None = None
    output_reach: int | None = None
    fan_out: int | None = None
    tested_outputs: int
    front_end: int = 16
    weight_bits: int = 8
    state_bits: int = 16
    dash_bits: int = 4
    max_input_spikes: int = 15
    max_hidden_spikes: int = 31
    max_output_spikes: int = 1
    aliases: int = 1
    hidden_group: str = "hidden"

    @property
    def weight_top(self) -> int:
        """Largest weight; the smallest is its negative, as the vendor's tools have it."""
        return (1 << (self.weight_bits - 1)) - 1

    @property
    def state_top(self) -> int:
        """Largest threshold and bias."""
        return (1 << (self.state_bits - 1)) - 1

    @property
    def dash_top(self) -> int:
        """Largest bit-shift decay."""
        return (1 << self.dash_bits) - 1


XYLO_AUDIO2 = XyloSpec(
    name="xylo_audio2",
    product="syns61201",
    n_hidden=1000,
    n_outputs=8,
    n_synapses=2,
    tested_outputs=8,
    hidden_group="reservoir",
)
XYLO_AUDIO3 = XyloSpec(
    name="xylo_audio3",
    product="syns65302",
    n_hidden=992,
    n_outputs=32,
    n_synapses=2,
    input_reach=128,
    output_reach=128,
    tested_outputs=16,
)
XYLO_IMU = XyloSpec(
    name="xylo_imu",
    product="syns63300",
    n_hidden=496,
    n_outputs=16,
    n_synapses=1,
    input_reach=128,
    output_reach=128,
    fan_out=512,
    tested_outputs=16,
    front_end=15,
)

SPECS: tuple[XyloSpec, ...] = (XYLO_AUDIO2, XYLO_AUDIO3, XYLO_IMU)
"""Every chip of the family."""
