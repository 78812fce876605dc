"""Spikes from a board: those of monitored cores, in order, and nothing else."""

from typing import Any

from devices.config_digest import config_digest
from devices.monitor import EventSource
from devices.speck.live_spikes import LiveSpikes, monitored_shapes
from tests.devices.speck.vendor_stand_in import DvsEvent, Spike

SHAPE = {"feature_count": 3, "size": {"x": 2, "y": 4}}
CONFIG: dict[str, Any] = {
    "header": {"chip": "speck2f"},
    "cnn_layers": [
        {"monitor_enable": False, "dimensions": {"output_shape": SHAPE}},
        {"monitor_enable": True, "dimensions": {"output_shape": SHAPE}},
    ],
}


class Sink:
    def __init__(self, *batches: list[object]) -> None:
        self.batches = list(batches)

    def get_events(self) -> list[object]:
        return self.batches.pop(0) if self.batches else []


def test_spikes_of_monitored_cores_come_as_columns() -> None:
    spikes = [Spike(timestamp=t, layer=t % 2, feature=2, x=1, y=3) for t in range(4)]
    sink = Sink([*spikes, DvsEvent(timestamp=9), Spike(timestamp=5, layer=13, feature=0, x=0, y=0)])
    source = LiveSpikes(sink, CONFIG)
    assert isinstance(source, EventSource)
    found = source.read()
    assert found.t.tolist() == [1, 3]
    assert [column.tolist() for column in (found.core, found.feature, found.y, found.x)] == [
        [1, 1],
        [2, 2],
        [3, 3],
        [1, 1],
    ]
    assert len(source.read()) == 0
    assert (source.chip, source.shapes) == ("speck2f", {1: (3, 4, 2)})
    assert source.config_digest == config_digest(CONFIG)


def test_cores_in_no_use_have_no_neurons() -> None:
    assert monitored_shapes({"cnn_layers": [{"monitor_enable": True}]}) == {}
