"""Event by event through a chip: operations a second, a stream in real time, and its memory."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

import devices
import snn
from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from devices.speck.event_stream import ChipState, run_events, stream_events
from devices.speck.program import Program, compile_program
from devices.speck.sensor import SensorLayer
from eventstore.events import Events

CAMERA_HZ = 100_000
CHUNK_US = 100_000
CROP = SensorLayer(pool=(4, 4), crop=(1, 1, 31, 31))
LiteralChip = importlib.import_module("tests.devices.speck.literal_chip").LiteralChip
NOTE = (
    "conv 2→8, pool, conv 8→16, pool, linear 10 on 30 × 30, random weights, quantised for "
    "Speck 2f; one core; events evenly spread at random. The literal rule is what the tests hold "
    "the simulator to: plain Python over dictionaries, on the first 500 events."
)


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A 128 × 128 camera that sees noise.

    Args:
        seconds: how long.
    """

    seconds: int

    def __iter__(self) -> Iterator[Events]:
        """Yield the events of each tenth of a second."""
        rng = np.random.default_rng(0)
        n = CAMERA_HZ * CHUNK_US // 1_000_000
        for begin in range(0, self.seconds * 1_000_000, CHUNK_US):
            t = np.sort(rng.integers(begin, begin + CHUNK_US, n))
            x, y, p = (rng.integers(0, size, n) for size in (128, 128, 2))
            yield Events.of(t=t, x=x, y=y, p=p)


def measure(bench: Bench) -> list[Row]:
    """Run the talk's network on noise."""
    program = talk_network()
    rows = CROP.events(next(iter(Camera(seconds=1))))
    later = np.array([CHUNK_US, 0, 0, 0])
    many = np.concatenate([rows + i * later for i in range(10)])
    _, state = run_events(ChipState.start(program), many)
    synops = sum(activity.synops for activity in state.activities)
    literal = LiteralChip(program.q, period=1000)
    literal.run(many[:500].tolist())
    few = sum(literal.synops.values())

    def plain() -> None:
        LiteralChip(program.q, period=1000).run(many[:500].tolist())

    seconds = take_turns(
        {"ours": lambda: run_events(ChipState.start(program), many), "plain": plain},
        rounds=2 * bench.rounds,
    )
    chunks = list(Camera(seconds=10))
    stream = take_turns({"ours": lambda: _drain(program, chunks)}, rounds=bench.rounds)
    ours, slow = seconds["ours"].per(synops / 1e6), seconds["plain"].per(few / 1e6)
    return [
        _speed(ours, slow, Target(of="ours", bound=100)),
        _speed(ours, slow, Target(of="ratio", bound=50)),
        Row(
            name="chip-simulator",
            quantity="10 s of a 128 × 128 camera, 100,000 events/s, through sensor and network",
            unit="s",
            better="lower",
            ours=stream["ours"],
            target=Target(of="ours", bound=10),
            note=NOTE,
        ),
        _memory(program),
    ]


def talk_network() -> Program:
    """Return the network of the talk with random weights, ready to run."""
    torch.manual_seed(0)
    model = snn.SpikingSequential(
        nn.Conv2d(2, 8, 3, bias=False),
        snn.IAF(1.0, -1.0),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 16, 3, bias=False),
        snn.IAF(1.0, -1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(576, 10, bias=False),
        snn.IAF(1.0, -1.0),
    )
    graph = devices.graph_from_model(model, (2, 30, 30))
    return compile_program(devices.chip("speck2f").quantize(graph))


def _speed(ours: Spread, slow: Spread, target: Target) -> Row:
    return Row(
        name="chip-simulator",
        quantity="event-driven simulation of a chip, millions of synaptic operations a second",
        unit="M/s",
        better="higher",
        ours=ours,
        peer=slow,
        peer_name="the literal rule",
        target=target,
        note=NOTE,
    )


def _drain(program: Program, chunks: list[Events]) -> None:
    for _ in stream_events(program, chunks, sensor=CROP):
        pass


def _memory(program: Program) -> Row:
    short, long = (_peak_mib(program, Camera(seconds=seconds)) for seconds in (3, 30))
    return Row(
        name="chip-simulator",
        quantity="peak memory of a stream of 30 s beyond that of 3 s",
        unit="MiB",
        better="lower",
        ours=Spread.exactly(max(0.0, long - short)),
        target=Target(of="ours", bound=1),
        note="resident memory at its peak, of the process; each stream is made as it is taken.",
    )


def _peak_mib(program: Program, camera: Camera) -> float:
    Path("/proc/self/clear_refs").write_text("5")  # start a new high-water mark
    for _ in stream_events(program, camera, sensor=CROP):
        pass
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found, "the kernel reports no VmHWM"
    return int(found[1]) / 1024
