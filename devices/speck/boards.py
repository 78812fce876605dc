"""Which board of the vendor carries which chip, and what the vendor's library calls both.

Names as in the vendor's open-source tools; where those name no board, ``board`` is empty.
"""

from dataclasses import dataclass

from eventstore.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorNames:
    """What the vendor's library calls a chip.

    Args:
        module: the part of the library for the chip.
        board: type name under which its board shows up; empty: unknown.
        configuration: class of its configuration.
    """

    module: str
    board: str
    configuration: str = "SpeckConfiguration"


BOARDS: dict[str, VendorNames] = {
    "dynapcnndevkit": VendorNames(
        module="dynapcnn", board="DynapcnnDevKit", configuration="DynapcnnConfiguration"
    ),
    "speck2b": VendorNames(module="speck2b", board="Speck2bTestboard"),
    "speck2btiny": VendorNames(module="speck2b", board="Speck2bDevKitTiny"),
    "speck2cmini": VendorNames(module="speck2cMini", board=""),
    "speck2dmini": VendorNames(module="speck2dMini", board=""),
    "speck2e": VendorNames(module="speck2e", board="Speck2eTestBoard"),
    "speck2edevkit": VendorNames(module="speck2e", board="Speck2eDevKit"),
    "speck2f": VendorNames(module="speck2f", board="Speck2fDevKit"),
    "speck2fdevkit": VendorNames(module="speck2f", board="Speck2fDevKit"),
    "speck2fmodule": VendorNames(module="speck2f", board="Speck2fModuleDevKit"),
}
"""Every chip of the family by our name."""


def vendor_names(chip: str) -> VendorNames:
    """Return what the vendor's library calls a chip.

    Raises:
        NotFound: no such chip of the Speck family.

    Examples:
        >>> vendor_names("speck2fmodule").board
        'Speck2fModuleDevKit'
    """
    if chip not in BOARDS:
        unknown = NotFound.among("chip with a board", chip, BOARDS)
        raise unknown
    return BOARDS[chip]
