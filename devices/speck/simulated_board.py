"""A board that is simulated: plays events through a configuration and tells the spikes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from devices.config_digest import config_digest
from devices.monitor import OutputSpikes
from devices.speck.chip import SpeckSpec
from devices.speck.config_graph import (
    chip_graph,
    mapping_from_config,
    options_from_config,
)
from devices.speck.config_sensor import sensor_from_config
from devices.speck.event_stream import stream_events
from devices.speck.live_spikes import monitored_shapes
from devices.speck.program import compile_program
from devices.speck.sim_settings import SimSettings
from eventstore.errors import InvalidInput
from eventstore.events import Events


class SimulatedBoard:
    """A simulated chip as a source of spikes; see `devices.monitor.EventSource`.

    Args:
        config: a checked configuration; what it says of sensor, monitors and decimators holds.
        spec: the chip.
        chunks: the events, by time, as the sensor would tell them; without a sensor layer, as the
            network takes them.
        slow_clock_us: period of the slow clock, at which biases are added.

    Raises:
        InvalidInput: no core is monitored.

    Examples:
        >>> from devices.chips import chip
        >>> from devices.conformance import small_graph
        >>> speck = chip("speck2f")
        >>> config = speck.config(speck.quantize(small_graph()))
        >>> chunk = Events.of(t=[5, 6, 9], x=[1, 2, 3], y=[3, 3, 3], p=[1, 1, 1])
        >>> board = SimulatedBoard(config, speck.spec, [chunk])
        >>> len(board.read()) <= 3, board.read() is None
        (True, True)
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        spec: SpeckSpec,
        chunks: Iterable[Events],
        *,
        slow_clock_us: int = 1000,
    ) -> None:
        self.chip = spec.name
        self.config_digest = config_digest(config)
        self.shapes = monitored_shapes(config)
        if not self.shapes:
            message = "no core is monitored: the board tells nothing"
            raise InvalidInput(message, hint="set monitor_enable of a core in the configuration")
        self._spikes = self._play(config, spec, chunks, slow_clock_us)

    def read(self) -> OutputSpikes | None:
        """Return the spikes of the next chunk of events, perhaps none; None after the last."""
        return next(self._spikes, None)

    @staticmethod
    def _play(
        config: Mapping[str, Any], spec: SpeckSpec, chunks: Iterable[Events], slow_clock_us: int
    ) -> Iterator[OutputSpikes]:
        options = options_from_config(config, spec)
        settings = SimSettings(
            slow_clock_us=slow_clock_us, monitor=options.monitor, decimate=options.decimate
        )
        program = compile_program(chip_graph(config, spec), settings)
        cores = np.array(mapping_from_config(config, spec).cores)
        sensor = sensor_from_config(config)
        for spikes, _ in stream_events(program, chunks, sensor=sensor):
            columns = (spikes.t, cores[spikes.core], spikes.c, spikes.y, spikes.x)
            yield OutputSpikes.of(np.stack([np.asarray(c, np.int64) for c in columns], axis=1))
