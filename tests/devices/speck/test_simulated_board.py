"""A simulated board tells what the simulator says, by core, and follows its configuration."""

from typing import Any

import numpy as np
import pytest

from devices.conformance import small_graph
from devices.monitor import Channels, EventSource, OutputSpikes
from devices.speck.chip import SPECK2F
from devices.speck.config import make_config
from devices.speck.config_options import ConfigOptions
from devices.speck.event_stream import stream_events
from devices.speck.mapping import map_layers
from devices.speck.program import compile_program
from devices.speck.quantize import quantize_graph
from devices.speck.sensor import SensorLayer
from devices.speck.sim_settings import SimSettings
from devices.speck.simulated_board import SimulatedBoard
from eventstore.errors import InvalidInput
from eventstore.events import Events

Q = quantize_graph(small_graph(), SPECK2F)


def configured(**options: Any) -> dict[str, Any]:
    return make_config(Q, map_layers(Q, SPECK2F), SPECK2F, ConfigOptions(**options))


def chunks(edge: int = 8) -> list[Events]:
    rng = np.random.default_rng(0)
    t = np.sort(rng.integers(0, 5000, 600))
    x, y, p = (rng.integers(0, most, 600) for most in (edge, edge, 2))
    whole = Events.of(t=t, x=x, y=y, p=p)
    return [whole[:200], whole[200:]]


def told(board: SimulatedBoard) -> OutputSpikes:
    parts = []
    while (spikes := board.read()) is not None:
        parts.append(spikes)
    assert len(parts) == 2
    return OutputSpikes.joined(parts)


def test_it_tells_the_simulators_spikes_by_core() -> None:
    config = configured(monitor=("0", "4"))
    board = SimulatedBoard(config, SPECK2F, chunks())
    assert isinstance(board, EventSource)
    found = told(board)
    program = compile_program(Q, SimSettings(monitor=("0", "4")))
    spikes = [spikes for spikes, _ in stream_events(program, chunks())]
    cores = np.array([row["core"] for row in config["header"]["quantisation"]])
    assert len(found) > 100
    assert set(found.core.tolist()) == set(cores.tolist())
    expected = np.concatenate([cores[part.core] for part in spikes])
    np.testing.assert_array_equal(found.core, expected)
    for ours, theirs in (("t", "t"), ("feature", "c"), ("y", "y"), ("x", "x")):
        expected = np.concatenate([getattr(part, theirs) for part in spikes])
        np.testing.assert_array_equal(getattr(found, ours), expected)
    assert Channels(shapes=board.shapes).of(found).max() < 4 * 36 + 3


def test_sensor_layer_and_decimator_of_the_file_hold() -> None:
    sensor = SensorLayer(pool=(4, 4), crop=(0, 0, 8, 8))
    through = configured(sensor=sensor, monitor=("0",), decimate={"0": 2})
    coarse = told(SimulatedBoard(through, SPECK2F, chunks(edge=32)))
    moved = [
        Events.of(t=part.t, x=part.x // 4, y=part.y // 4, p=part.p) for part in chunks(edge=32)
    ]
    plain = told(SimulatedBoard(configured(monitor=("0",)), SPECK2F, moved))
    assert len(coarse) == len(plain) // 2 > 0


def test_a_board_that_tells_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no core is monitored"):
        SimulatedBoard(configured(monitor=()), SPECK2F, [])
