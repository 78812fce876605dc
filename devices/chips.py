"""The chips known by name; each is one value of its family."""

from devices.protocol import Chip
from eventstore.registry import Entry, Registry

CHIPS: Registry[Chip] = Registry(
    "chip",
    "spikelake.chips",
    {
        "dynapcnndevkit": Entry("devices.speck.family:dynapcnndevkit"),
        "speck2b": Entry("devices.speck.family:speck2b"),
        "speck2btiny": Entry("devices.speck.family:speck2btiny"),
        "speck2cmini": Entry("devices.speck.family:speck2cmini"),
        "speck2dmini": Entry("devices.speck.family:speck2dmini"),
        "speck2e": Entry("devices.speck.family:speck2e"),
        "speck2edevkit": Entry("devices.speck.family:speck2edevkit"),
        "speck2f": Entry("devices.speck.family:speck2f"),
        "speck2fdevkit": Entry("devices.speck.family:speck2fdevkit"),
        "speck2fmodule": Entry("devices.speck.family:speck2fmodule"),
    },
)
"""Table of chips; other distributions add theirs through the entry-point group."""


def chip(name: str) -> Chip:
    """Return the chip of that name.

    Raises:
        NotFound: no such chip; lists the known ones and the nearest match.

    Examples:
        >>> chip("speck2f").name
        'speck2f'
    """
    return CHIPS[name]
