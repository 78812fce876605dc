"""The chips known by name; each is one value of its family."""

from typing import Any

from devices.protocol import Chip, CoreChip
from eventstore.errors import InvalidInput
from eventstore.registry import Entry, Registry

CHIPS: Registry[Chip[Any]] = Registry(
    "chip",
    "spikelake.chips",
    {
        "dynapcnndevkit": Entry("devices.speck.family:dynapcnndevkit"),
        "dynapse2": Entry("devices.dynapse.family:dynapse2"),
        "speck2b": Entry("devices.speck.family:speck2b"),
        "speck2btiny": Entry("devices.speck.family:speck2btiny"),
        "speck2cmini": Entry("devices.speck.family:speck2cmini"),
        "speck2dmini": Entry("devices.speck.family:speck2dmini"),
        "speck2e": Entry("devices.speck.family:speck2e"),
        "speck2edevkit": Entry("devices.speck.family:speck2edevkit"),
        "speck2f": Entry("devices.speck.family:speck2f"),
        "speck2fdevkit": Entry("devices.speck.family:speck2fdevkit"),
        "speck2fmodule": Entry("devices.speck.family:speck2fmodule"),
        "xylo_audio2": Entry("devices.xylo.family:xylo_audio2"),
        "xylo_audio3": Entry("devices.xylo.family:xylo_audio3"),
        "xylo_imu": Entry("devices.xylo.family:xylo_imu"),
    },
)
"""Table of chips; other distributions add theirs through the entry-point group."""


def chip(name: str) -> Chip[Any]:
    """Return the chip of that name.

    Raises:
        NotFound: no such chip; lists the known ones and the nearest match.

    Examples:
        >>> chip("speck2f").name
        'speck2f'
    """
    return CHIPS[name]


def core_chip(name: str) -> CoreChip:
    """Return the chip of that name, one of several cores that takes events one by one.

    Raises:
        NotFound: no such chip; lists the known ones and the nearest match.
        InvalidInput: it is of another kind.

    Examples:
        >>> core_chip("speck2f").name
        'speck2f'
    """
    found = CHIPS[name]
    if not isinstance(found, CoreChip):
        message = f"{name} has no cores to map layers to, and takes no single events"
        raise InvalidInput(message, hint="speck2f and its kin do: spikelake chip list")
    return found
