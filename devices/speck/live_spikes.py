"""Spikes from a board, as the vendor's library hands them over."""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Protocol

from devices.config_digest import config_digest
from devices.monitor import MapShape, OutputSpikes

COLUMNS = ("timestamp", "layer", "feature", "y", "x")
"""Attributes of the vendor's spike, in the order of ours."""


class Sink(Protocol):
    """The vendor's buffer of what a chip tells."""

    def get_events(self) -> Iterable[object]:
        """Return what came since the last call."""
        ...


class LiveSpikes:
    """The monitored cores of a board as a source of spikes; see `devices.monitor.EventSource`.

    Events of other kinds, such as those of the sensor and of the readout, are passed over. The
    library hands over one Python object an event, which bounds the rate.

    Args:
        sink: the vendor's buffer.
        config: the configuration that the board runs.
    """

    def __init__(self, sink: Sink, config: Mapping[str, Any]) -> None:
        self._sink = sink
        self.chip: str = config["header"]["chip"]
        self.config_digest = config_digest(config)
        self.shapes = monitored_shapes(config)

    def read(self) -> OutputSpikes:
        """Return the spikes since the last call, perhaps none; a board never ends."""
        spikes = [event for event in self._sink.get_events() if type(event).__name__ == "Spike"]
        found = OutputSpikes.of([attrgetter(*COLUMNS)(spike) for spike in spikes])
        wanted = sum((found.core == core for core in self.shapes), start=found.core < 0)
        return found[wanted.astype(bool)]


def monitored_shapes(config: Mapping[str, Any]) -> dict[int, MapShape]:
    """Return the neurons ``(features, rows, columns)`` of each core that is monitored.

    Examples:
        >>> shape = {"feature_count": 2, "size": {"x": 5, "y": 4}}
        >>> core = {"monitor_enable": True, "dimensions": {"output_shape": shape}}
        >>> monitored_shapes({"cnn_layers": [core, {"monitor_enable": True}]})
        {0: (2, 4, 5)}
    """
    shapes = {}
    for number, core in enumerate(config["cnn_layers"]):
        if core["monitor_enable"] and "dimensions" in core:
            shape = core["dimensions"]["output_shape"]
            shapes[number] = (shape["feature_count"], shape["size"]["y"], shape["size"]["x"])
    return shapes
