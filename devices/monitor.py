"""Spikes that come out of a chip while it runs: a protocol, whatever the chip or stand-in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Events, Sensor

MapShape: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputSpikes:
    """Spikes in the order in which they came.

    Args:
        t: µs on the source's clock.
        core: core whose neuron fired.
        feature: feature of the neuron.
        y: row of the neuron.
        x: column of the neuron.
    """

    t: Int64[np.ndarray, " n"]
    core: Int64[np.ndarray, " n"]
    feature: Int64[np.ndarray, " n"]
    y: Int64[np.ndarray, " n"]
    x: Int64[np.ndarray, " n"]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]] | np.ndarray) -> Self:
        """Return spikes from rows of t, core, feature, y, x.

        Examples:
            >>> len(OutputSpikes.of([(5, 0, 3, 0, 0)])), len(OutputSpikes.of([]))
            (1, 0)
        """
        table = np.asarray(rows, np.int64).reshape(-1, 5)
        t, core, feature, y, x = np.ascontiguousarray(table.T)
        return cls(t=t, core=core, feature=feature, y=y, x=x)

    @classmethod
    def joined(cls, parts: Sequence["OutputSpikes"]) -> Self:
        """Return several one after the other."""
        names = ("t", "core", "feature", "y", "x")
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})

    def __len__(self) -> int:
        """Return the number of spikes."""
        return len(self.t)

    def __getitem__(self, rows: slice | np.ndarray) -> Self:
        """Return some of the spikes."""
        columns = {name: getattr(self, name)[rows] for name in ("t", "core", "feature", "y", "x")}
        return type(self)(**columns)


@runtime_checkable
class EventSource(Protocol):
    """Something that tells spikes as they come: a board, or a simulation of one."""

    @property
    def chip(self) -> str:
        """Name of the chip."""
        ...

    @property
    def config_digest(self) -> str:
        """Digest of the configuration that the chip runs."""
        ...

    @property
    def shapes(self) -> Mapping[int, MapShape]:
        """Shape ``(features, rows, columns)`` of the neurons of each core that is monitored."""
        ...

    def read(self) -> OutputSpikes | None:
        """Return what came since the last call, perhaps nothing; None once no more will come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """A number for each monitored neuron, so that spikes fit a store of events.

    Core after core, in each ``(feature · rows + y) · columns + x``.

    Args:
        shapes: neurons of each core, ``(features, rows, columns)``.

    Raises:
        InvalidInput: there is no core, or there are more neurons than a store has channels.

    Examples:
        >>> channels = Channels(shapes={3: (2, 1, 1), 5: (1, 4, 4)})
        >>> channels.sensor
        Sensor(width=18, height=1, modality='audio')
        >>> channels.of(OutputSpikes.of([(0, 3, 1, 0, 0), (9, 5, 0, 2, 1)])).tolist()
        [1, 11]
    """

    shapes: Mapping[int, MapShape]

    def __post_init__(self) -> None:
        if not self.shapes:
            message = "no core is monitored: there is nothing to record"
            raise InvalidInput(message, hint="set monitor_enable of a core in the configuration")
        if self.count > COORDINATE_LIMIT:
            message = f"{self.count:,} neurons are monitored, a store has {COORDINATE_LIMIT:,} "
            message += "channels"
            raise InvalidInput(message, hint="monitor fewer cores at a time")

    @property
    def count(self) -> int:
        """How many neurons are monitored."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    @property
    def sensor(self) -> Sensor:
        """The sensor of a store of such spikes."""
        return Sensor.audio(self.count)

    @property
    def first(self) -> dict[int, int]:
        """Number of the first neuron of each core."""
        first, at = {}, 0
        for core in sorted(self.shapes):
            first[core] = at
            at += int(np.prod(self.shapes[core]))
        return first

    def of(self, spikes: OutputSpikes) -> Int64[np.ndarray, " n"]:
        """Return the number of the neuron of each spike.

        Raises:
            InvalidInput: a spike of a core that is not monitored, or beyond its neurons.
        """
        channels = np.full(len(spikes), -1, np.int64)
        for core, first in self.first.items():
            features, rows, columns = self.shapes[core]
            mine = spikes.core == core
            one = spikes[mine]
            inside = (one.feature < features) & (one.y < rows) & (one.x < columns)
            inside &= np.minimum(np.minimum(one.feature, one.y), one.x) >= 0
            number = first + (one.feature * rows + one.y) * columns + one.x
            channels[mine] = np.where(inside, number, -1)
        wrong = np.flatnonzero(channels < 0)
        if len(wrong):
            at = wrong[0]
            place = (int(spikes.feature[at]), int(spikes.y[at]), int(spikes.x[at]))
            message = f"a spike of core {spikes.core[at]} at (feature, y, x) = {place} is of no "
            message += f"monitored neuron (cores {dict(self.shapes)})"
            raise InvalidInput(message, hint="does the board run another configuration?")
        return channels

    def events(self, spikes: OutputSpikes, t_first: int) -> Events:
        """Return spikes as events of a store, times from ``t_first``."""
        return Events.of(t=spikes.t - t_first, x=self.of(spikes))

    def facts(self) -> list[dict[str, object]]:
        """Return what makes neurons of channels again, in values of JSON."""
        first = self.first
        return [
            {"core": core, "first_channel": first[core], "shape": list(self.shapes[core])}
            for core in sorted(self.shapes)
        ]
