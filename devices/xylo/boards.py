"""What the vendor's library calls a Xylo chip, its board and the parts of its configuration.

Names as in the vendor's open-source tools.
"""

from dataclasses import dataclass

from eventstore.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloNames:
    """What the vendor's library calls a chip.

    Args:
        module: the part of the library for the chip.
        board: type name under which its board shows up.
        hidden_neuron: class of a hidden neuron of its configuration.
        model: function of an open board that returns what a configuration is applied to.
    """

    module: str
    board: str
    hidden_neuron: str = "HiddenNeuron"
    model: str = "get_model"


BOARDS: dict[str, XyloNames] = {
    "xylo_audio2": XyloNames(
        module="xyloCore2",
        board="XyloA2TestBoard",
        hidden_neuron="ReservoirNeuron",
        model="get_xylo_model",
    ),
    "xylo_audio3": XyloNames(module="xyloAudio3", board="XyloAudio3TestBoard"),
    "xylo_imu": XyloNames(module="xyloImu", board="XyloImuTestBoard"),
}
"""Every chip of the family by our name."""


def xylo_names(chip: str) -> XyloNames:
    """Return what the vendor's library calls a chip.

    Raises:
        NotFound: no such chip of the Xylo family.

    Examples:
        >>> xylo_names("xylo_imu").board
        'XyloImuTestBoard'
    """
    if chip not in BOARDS:
        unknown = NotFound.among("chip with a board", chip, BOARDS)
        raise unknown
    return BOARDS[chip]
