"""Doors from configurations to boards, one for each family of chips that has boards."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import devices.dynapse.deploy
import devices.speck.deploy
import devices.xylo.deploy
from devices.deploy import Samna
from devices.dynapse.bias_generator import BiasTable, load_bias_table
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.family import Dynapse
from devices.dynapse.vendor_currents import check_currents
from devices.protocol import Chip
from devices.speck.chip import SpeckSpec
from devices.speck.family import Speck
from devices.xylo.chip import XyloSpec
from devices.xylo.family import Xylo
from eventstore.errors import InvalidInput
from eventstore.findings import Finding


class Door(Protocol):
    """How configurations reach boards of one chip."""

    @property
    def validates(self) -> bool:
        """Whether the vendor has a validator for the chip."""
        ...

    def check(self, config: Mapping[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration for boards, without the vendor's library."""
        ...

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration, by us and by the vendor's validator."""
        ...

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        ...


def door_of(
    chip: Chip[Any], *, slow_clock_hz: float | None = None, bias_table: Path | None = None
) -> Door:
    """Return the door of a chip.

    Args:
        chip: the chip.
        slow_clock_hz: ticks a second of the slow clock, which Speck alone has.
        bias_table: file of the currents that numbers make, which DYNAP-SE2 needs.

    Raises:
        InvalidInput: nobody knows how to reach its boards, it needs something, or has it not.
        NotFound: there is no such file.
        FormatError: it is no such table.

    Examples:
        >>> from devices.chips import chip
        >>> type(door_of(chip("xylo_imu"))).__name__
        'XyloDoor'
    """
    if isinstance(chip, Dynapse):
        return _dynapse_door(chip, slow_clock_hz, bias_table)
    if bias_table is not None:
        message = f"{chip.name} is digital: no currents are made by numbers of a table"
        raise InvalidInput(message, hint="leave --bias-table out")
    if isinstance(chip, Speck):
        return SpeckDoor(spec=chip.spec, slow_clock_hz=slow_clock_hz)
    if slow_clock_hz is not None:
        _refuse_slow_clock(chip.name, "it works in steps of its configuration's dt")
    if isinstance(chip, Xylo):
        return XyloDoor(spec=chip.spec)
    message = f"there is no way from here to boards of {chip.name}"
    raise InvalidInput(message, hint="write its configuration: spikelake chip config")


def _dynapse_door(
    chip: Dynapse, slow_clock_hz: float | None, bias_table: Path | None
) -> "DynapseDoor":
    if slow_clock_hz is not None:
        _refuse_slow_clock(chip.name, "its neurons run by their currents")
    if bias_table is None:
        message = f"{chip.name} makes each current by two numbers: which ones, only a table knows"
        hint = "give it: --bias-table FILE, JSON of 256 currents in amperes per coarse number"
        raise InvalidInput(message, hint=hint)
    return DynapseDoor(spec=chip.spec, table=load_bias_table(bias_table))


def _refuse_slow_clock(chip: str, because: str) -> None:
    message = f"{chip} has no slow clock: {because}"
    raise InvalidInput(message, hint="leave --slow-clock out")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeckDoor:
    """The door to boards of the Speck family.

    Args:
        spec: the chip.
        slow_clock_hz: ticks a second of the slow clock; None: it is not needed.
    """

    spec: SpeckSpec
    slow_clock_hz: float | None = None

    @property
    def validates(self) -> bool:
        """Whether the vendor has a validator for the chip."""
        return True

    def check(self, config: Mapping[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration for boards, without the vendor's library."""
        return []

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

    @property
    def validates(self) -> bool:
        """Whether the vendor has a validator for the chip."""
        return True

    def check(self, config: Mapping[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration for boards, without the vendor's library."""
        return []

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration, by us and by the vendor's validator."""
        return devices.xylo.deploy.vendor_config(config, self.spec, samna)[1]

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        with devices.xylo.deploy.Board.open(self.spec, samna) as board:
            board.upload(config)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynapseDoor:
    """The door to boards of DYNAP-SE2.

    Args:
        spec: the chip.
        table: which coarse and fine number make which current.
    """

    spec: DynapseSpec
    table: BiasTable

    @property
    def validates(self) -> bool:
        """Whether the vendor has a validator for the chip."""
        return False

    def check(self, config: Mapping[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration for boards, without the vendor's library."""
        return check_currents(config, self.table)

    def judge(self, config: Mapping[str, Any], samna: Samna) -> list[Finding]:
        """Return what is wrong with a configuration: by us, by the table, by the vendor."""
        return devices.dynapse.deploy.vendor_config(config, self.spec, samna, self.table)[1]

    def run(self, config: Mapping[str, Any], samna: Samna) -> None:
        """Write a configuration to the board that is plugged in."""
        with devices.dynapse.deploy.Board.open(self.spec, samna) as board:
            board.upload(config, self.table)
