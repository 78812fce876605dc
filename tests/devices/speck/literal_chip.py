"""The documented rule of the chip in plain Python, event by event, as slow as it is plain.

Kept apart from the tests because several of them, and the benchmark, hold the simulator to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from devices.results import Link, QuantizedGraph, QuantizedLayer

Spike = tuple[int, str, int, int, int]
"""Time, layer, feature, row, column."""


@dataclass
class LiteralChip:
    """A network whose neurons are entries of dictionaries."""

    q: QuantizedGraph
    order: str = "depth-first"
    period: int = 1
    decimate: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.layers = {layer.name: layer for layer in self.q.layers}
        self.v = {
            (n, *at): 0 for n, la in self.layers.items() for at in np.ndindex(la.neuron_shape)
        }
        self.synops = dict.fromkeys(self.layers, 0)
        self.received = dict.fromkeys(self.layers, 0)
        self.fired = dict.fromkeys(self.v, 0)
        self.since = dict.fromkeys(self.layers, 0)
        self.next_tick = 0
        self.spikes: list[Spike] = []

    def run(self, events: Iterable[tuple[int, int, int, int]], t_stop: int | None = None) -> None:
        for t, c, y, x in events:
            self.tick_up_to(t)
            heard = [(k.target, *p) for k in self.q.out_of(None) if (p := self.land(k, c, y, x))]
            self.handle(t, heard)
        if t_stop is not None:
            self.tick_up_to(t_stop - 1)

    def tick_up_to(self, t: int) -> None:
        while self.next_tick <= t:
            if self.order == "depth-first":
                for name in reversed(self.layers):
                    self.descend(self.next_tick, name, self.tick(name))
            else:
                self.wave(self.next_tick, {name: [None] for name in self.layers})
            self.next_tick += self.period

    def handle(self, t: int, heard: list[tuple[str, int, int, int]]) -> None:
        if self.order == "depth-first":
            for name, c, y, x in heard:
                self.descend(t, name, self.receive(name, c, y, x))
        else:
            inbox: dict[str, list[tuple[int, int, int] | None]] = {name: [] for name in self.layers}
            for name, *place in heard:
                inbox[name].append((place[0], place[1], place[2]))
            self.wave(t, inbox)

    def descend(self, t: int, name: str, fired: list[tuple[int, int, int]]) -> None:
        for f, y, x in fired:
            self.spikes.append((t, name, f, y, x))
            for link in self.q.out_of(name):
                if place := self.land(link, f, y, x):
                    self.descend(t, link.target, self.receive(link.target, *place))

    def wave(self, t: int, inbox: dict[str, list[tuple[int, int, int] | None]]) -> None:
        for name in self.layers:
            for place in inbox[name]:
                fired = self.tick(name) if place is None else self.receive(name, *place)
                for f, y, x in fired:
                    self.spikes.append((t, name, f, y, x))
                    for link in self.q.out_of(name):
                        if landed := self.land(link, f, y, x):
                            inbox[link.target].append(landed)

    def land(self, link: Link, c: int, y: int, x: int) -> tuple[int, int, int] | None:
        _, height, width = self.layers[link.target].input_shape
        y, x = y // link.pool, x // link.pool
        c += link.feature_shift
        return (c, y, x) if y < height and x < width else None

    def receive(self, name: str, c: int, in_y: int, in_x: int) -> list[tuple[int, int, int]]:
        layer = self.layers[name]
        features, rows, columns = layer.neuron_shape
        kernel_rows, kernel_columns = layer.weight.shape[2:]
        self.received[name] += 1
        fired = []
        for y in range(rows):
            ky = in_y + layer.padding[0] - y * layer.stride[0]
            for x in range(columns) if 0 <= ky < kernel_rows else ():
                kx = in_x + layer.padding[1] - x * layer.stride[1]
                for f in range(features) if 0 <= kx < kernel_columns else ():
                    self.synops[name] += 1
                    if self.add(layer, (f, y, x), int(layer.weight[f, c, ky, kx])):
                        fired.append((f, y, x))
        return fired

    def tick(self, name: str) -> list[tuple[int, int, int]]:
        layer = self.layers[name]
        if layer.bias is None or not layer.bias.any():
            return []
        features, rows, columns = layer.neuron_shape
        order = [(f, y, x) for y, x, f in np.ndindex(rows, columns, features)]
        return [at for at in order if self.add(layer, at, int(layer.bias[at[0]]))]

    def add(self, layer: QuantizedLayer, at: tuple[int, int, int], w: int) -> bool:
        """Add a weight to a neuron; say whether a spike leaves the core."""
        key = (layer.name, *at)
        v = min(self.v[key] + w, 32767)
        fires = v >= layer.threshold
        if fires:
            v = 0 if layer.reset == "zero" else v - layer.threshold
            self.fired[key] += 1
            self.since[layer.name] += 1
        self.v[key] = max(v, layer.lower_bound)
        if fires and self.since[layer.name] == self.decimate.get(layer.name, 1):
            self.since[layer.name] = 0
            return True
        return False
