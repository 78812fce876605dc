"""What a configuration says beside the network: sensor, readout, monitors, decimators."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from devices.speck.sensor import SensorLayer
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutOptions:
    """The on-chip readout: which class has spiked most, told by pins or by values.

    Args:
        threshold: spikes that a class must exceed to be told.
        average_over: ticks of the slow clock over which spikes are averaged.
        addressing: which neurons of the last map are classes, as columns × rows × features.
        output: what a value tells beside the winner.
        tell: what the host is told; while it is told values, no core tells its spikes.

    Raises:
        InvalidInput: an option that the chip does not have.

    Examples:
        >>> ReadoutOptions(average_over=16).to_fields()["low_pass_filter_disable"]
        False
    """

    threshold: int = 1
    average_over: Literal[1, 16, 32] = 1
    addressing: Literal["2x2x4", "2x4x2", "4x4x1", "1x1x16"] = "1x1x16"
    output: Literal["off", "comparisons", "selected average", "largest average"] = "comparisons"
    tell: Literal["pins", "values", "nothing"] = "pins"

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value not in known:
                message = f"readout: {name} = {value!r}"
                raise InvalidInput(message, hint=f"take one of {', '.join(map(repr, known))}")
        if not 0 <= self.threshold <= 255:
            message = f"readout: threshold = {self.threshold}"
            raise InvalidInput(message, hint="take 0 … 255")

    def to_fields(self) -> dict[str, bool | int]:
        """Return the section ``readout`` of a configuration."""
        return {
            "enable": True,
            "threshold": self.threshold,
            "readout_configuration_sel": _CHOICES["addressing"].index(self.addressing),
            "output_mode_sel": _CHOICES["output"].index(self.output),
            "low_pass_filter_disable": self.average_over == 1,
            "low_pass_filter32_not16": self.average_over == 32,
            "monitor_enable": self.tell == "values",
            "readout_pin_monitor_enable": self.tell == "pins",
        }

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "ReadoutOptions | None":
        """Return the options of the section ``readout``; None where it is off.

        Examples:
            >>> ReadoutOptions.from_fields(ReadoutOptions(threshold=7).to_fields()).threshold
            7
        """
        if not fields["enable"]:
            return None
        slow = 32 if fields["low_pass_filter32_not16"] else 16
        pins = "pins" if fields["readout_pin_monitor_enable"] else "nothing"
        chosen: dict[str, Any] = {
            "average_over": 1 if fields["low_pass_filter_disable"] else slow,
            "addressing": _CHOICES["addressing"][fields["readout_configuration_sel"]],
            "output": _CHOICES["output"][fields["output_mode_sel"]],
            "tell": "values" if fields["monitor_enable"] else pins,
        }
        return cls(threshold=fields["threshold"], **chosen)


_CHOICES: dict[str, tuple[object, ...]] = {
    "average_over": (1, 16, 32),
    "addressing": ("2x2x4", "2x4x2", "4x4x1", "1x1x16"),
    "output": ("off", "comparisons", "selected average", "largest average"),
    "tell": ("pins", "values", "nothing"),
}
"""Options in the order of their numbers in the configuration, where they have some."""

NO_READOUT: dict[str, bool | int] = {
    "enable": False,
    "threshold": 0,
    "readout_configuration_sel": 0,
    "output_mode_sel": 0,
    "low_pass_filter_disable": False,
    "low_pass_filter32_not16": False,
    "monitor_enable": False,
    "readout_pin_monitor_enable": False,
}
"""The section ``readout`` where it is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """All that a configuration says beside the network.

    Args:
        sensor: what the chip's sensor layer does with its events; None: the sensor is off, and
            the host sends the events.
        pass_sensor_events: whether the chip's own sensor feeds the sensor layer; else the host.
        monitor_sensor: whether the host is told what the sensor layer makes.
        monitor_raw: whether the host is told the raw pixels.
        monitor: layers whose spikes the host is told; None: those that feed no other.
        decimate: layers of whose spikes one of so many leaves the core.
        readout: the on-chip readout; None: off.

    Examples:
        >>> ConfigOptions(monitor=("conv1", "fc")).sensor is None
        True
    """

    sensor: SensorLayer | None = None
    pass_sensor_events: bool = True
    monitor_sensor: bool = False
    monitor_raw: bool = False
    monitor: tuple[str, ...] | None = None
    decimate: Mapping[str, int] = field(default_factory=dict)
    readout: ReadoutOptions | None = None

    @property
    def reads_classes(self) -> bool:
        """Whether the readout takes channels of one pixel as classes, as the errata tell of."""
        return self.readout is not None and self.readout.addressing == "1x1x16"
