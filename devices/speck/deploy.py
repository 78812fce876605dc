"""The door to the vendor's library: build its configuration, validate, upload, read spikes back.

Every function takes the library as an argument, so that a recording stand-in can take its place.
Written after the vendor's public documents and open-source tools; never run on hardware, nor
against the library itself.
"""

from collections.abc import Mapping
from typing import Any, Self

from devices.deploy import Samna, open_board
from devices.speck.boards import vendor_names
from devices.speck.chip import SpeckSpec
from devices.speck.config_checks import check_config
from devices.speck.live_spikes import LiveSpikes
from devices.vendor_config import (
    ask_validator,
    fill_vendor_config,
    lacks_part,
    refuse_errors,
)
from eventstore.closing import Closing
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, has_errors


def vendor_config(
    config: Mapping[str, Any], spec: SpeckSpec, samna: Samna
) -> tuple[object, list[Finding]]:
    """Build the vendor's configuration object and let the vendor's own validator judge it.

    Args:
        config: a configuration of this chip, as `load_config` returns it.
        spec: the chip.
        samna: the vendor's library.

    Returns:
        The object, and what is wrong with it: by our checks, by the object, by the validator.
    """
    findings = check_config(config, spec)
    if has_errors(findings):
        return None, findings
    names = vendor_names(spec.name)
    module = getattr(samna, names.module, None)
    if module is None:
        return None, [*findings, lacks_part(names.module, spec.name)]
    vendor = getattr(module.configuration, names.configuration)()
    findings += fill_vendor_config(vendor, config)
    return vendor, [*findings, *ask_validator(module, vendor)]


class Board(Closing):
    """An open board with a chip; use it in a ``with`` block.

    Args:
        samna: the vendor's library.
        spec: the chip.
        handle: the board, as the library opened it.
    """

    def __init__(self, samna: Samna, spec: SpeckSpec, handle: Samna) -> None:
        self._samna = samna
        self.spec = spec
        self._handle = handle

    @classmethod
    def open(cls, spec: SpeckSpec, samna: Samna) -> Self:
        """Open the board of a chip that is plugged in.

        Raises:
            NotFound: there is none; names those that are.
        """
        return cls(samna, spec, open_board(samna, vendor_names(spec.name).board, spec.name))

    def upload(self, config: Mapping[str, Any], *, slow_clock_hz: float | None = None) -> None:
        """Validate a configuration and write it; all states begin as it says.

        Args:
            config: the configuration.
            slow_clock_hz: ticks a second of the slow clock, at which biases are added and the
                readout decides: 1 / dt of the model.

        Raises:
            DoesNotFit: something is wrong with it; nothing was written.
            InvalidInput: it needs the slow clock, and no rate is given.
        """
        vendor, findings = vendor_config(config, self.spec, self._samna)
        refuse_errors(findings, self.spec.name)
        if needs_slow_clock(config) and slow_clock_hz is None:
            message = "the configuration has biases or a readout: they need the slow clock"
            raise InvalidInput(message, hint="give its rate, 1 / dt: --slow-clock HZ")
        self._handle.get_model().apply_configuration(vendor)
        if slow_clock_hz is not None:
            pins = self._handle.get_io_module()
            pins.set_slow_clk_rate(slow_clock_hz)
            pins.set_slow_clk(True)
        watch = self._handle.get_stop_watch()
        watch.set_enable_value(True)
        watch.reset()

    def spikes(self, config: Mapping[str, Any]) -> LiveSpikes:
        """Return the spikes that the monitored cores of a configuration tell from now on."""
        sink = self._samna.graph.sink_from(self._handle.get_model_source_node())
        return LiveSpikes(sink, config)

    def reset(self) -> None:
        """Give the board its default configuration."""
        self._handle.reset_board_soft(True)

    def close(self) -> None:
        """Let go of the board; it goes on with what it runs."""
        self._samna.device.close_device(self._handle)


def needs_slow_clock(config: Mapping[str, Any]) -> bool:
    """Say whether anything in a configuration waits for the slow clock.

    Examples:
        >>> needs_slow_clock({"cnn_layers": [{"leak_enable": True}], "readout": {"enable": False}})
        True
    """
    leaking = any(core.get("leak_enable") for core in config["cnn_layers"])
    return leaking or bool(config["readout"]["enable"])
