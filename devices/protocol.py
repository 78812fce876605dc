"""What every chip can do, whatever its family."""

from collections.abc import Iterable
from collections.abc import Mapping as Table
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Int64, Shaped

from devices.fidelity import Report, Samples
from devices.nodes import Graph
from devices.report_options import ReportOptions
from devices.results import Mapping, QuantizedGraph, SimResult
from eventstore.findings import Finding
from snn.sequential import SpikingSequential

Q = TypeVar("Q")
"""A network in the integers of a family of chips."""


@runtime_checkable
class Chip(Protocol[Q]):
    """The steps from a graph to the configuration of a chip, in the order they are taken."""

    @property
    def name(self) -> str:
        """What the chip is called."""
        ...

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that the network breaks, and what else is worth knowing."""
        ...

    def quantize(self, graph: Graph) -> Q:
        """Return the network in integers; refuse one that breaks a rule."""
        ...

    def simulate(
        self,
        q: Q,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
    ) -> SimResult:
        """Run frames of counts through the integer network, time step by time step."""
        ...

    def config(self, q: Q) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        ...

    def check_config(self, config: Table[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration, each finding with the path of its field."""
        ...

    def graph_from_config(self, config: Table[str, Any]) -> Q:
        """Return the network that a configuration holds, ready to simulate."""
        ...

    def report(
        self,
        model: SpikingSequential,
        samples: Iterable[Samples],
        options: ReportOptions | None = None,
    ) -> Report:
        """Compare a trained model with its integers on samples of known class."""
        ...

    def limits(self) -> list[tuple[str, str]]:
        """Return the chip's limits as names and values, for tables."""
        ...


@runtime_checkable
class CoreChip(Chip[QuantizedGraph], Protocol):
    """A chip of several cores, one a layer, that takes events one by one."""

    def map(self, q: QuantizedGraph) -> Mapping:
        """Give each layer a core."""
        ...

    def simulate_events(
        self,
        q: QuantizedGraph,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
        *,
        seed: int = 0,
    ) -> SimResult:
        """Run the events of frames one by one, in an order drawn within each time step."""
        ...

    def config(self, q: QuantizedGraph, mapping: Mapping | None = None) -> dict[str, Any]:
        """Return the configuration as plain JSON; without a mapping, of the chip's own choice."""
        ...

    def mapping_from_config(self, config: Table[str, Any]) -> Mapping:
        """Return which core computes which layer by a configuration."""
        ...
