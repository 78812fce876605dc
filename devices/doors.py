"""Doors from configurations to boards, one for each family of chips that has boards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import devices.speck.deploy
import devices.xylo.deploy
from devices.deploy import Samna
from devices.protocol import Chip
from devices.speck.chip import SpeckSpec
from devices.speck.family import Speck
from devices.xylo.chip import XyloSpec
from devices.xylo.family import Xylo
from eventstore.errors import InvalidInput
from eventstore.findings import Finding


class Door(Protocol):
    """How configurations reach boards of one chip."""

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration, by us and by the vendor's validator."""
        ...

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        ...


def door_of(chip: Chip[Any], *, slow_clock_hz: float | None = None) -> Door:
    """Return the door of a chip.

    Args:
        chip: the chip.
        slow_clock_hz: ticks a second of the slow clock, which Speck alone has.

    Raises:
        InvalidInput: nobody knows how to reach its boards, or it has no slow clock.

    Examples:
        >>> from devices.chips import chip
        >>> type(door_of(chip("xylo_imu"))).__name__
        'XyloDoor'
    """
    if isinstance(chip, Speck):
        return SpeckDoor(spec=chip.spec, slow_clock_hz=slow_clock_hz)
    if slow_clock_hz is not None:
        message = f"{chip.name} has no slow clock: it works in steps of its configuration's dt"
        raise InvalidInput(message, hint="leave --slow-clock out")
    if isinstance(chip, Xylo):
        return XyloDoor(spec=chip.spec)
    message = f"there is no way from here to boards of {chip.name}"
    raise InvalidInput(message, hint="write its configuration: spikelake chip config")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeckDoor:
    """The door to boards of the Speck family.

    Args:
        spec: the chip.
        slow_clock_hz: ticks a second of the slow clock; None: it is not needed.
    """

    spec: SpeckSpec
    slow_clock_hz: float | None = None

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration, by us and by the vendor's validator."""
        return devices.speck.deploy.vendor_config(config, self.spec, samna)[1]

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        with devices.speck.deploy.Board.open(self.spec, samna) as board:
            board.upload(config, slow_clock_hz=self.slow_clock_hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class XyloDoor:
    """The door to boards of the Xylo family.

    Args:
        spec: the chip.
    """

    spec: XyloSpec

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration, by us and by the vendor's validator."""
        return devices.xylo.deploy.vendor_config(config, self.spec, samna)[1]

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        with devices.xylo.deploy.Board.open(self.spec, samna) as board:
            board.upload(config)
