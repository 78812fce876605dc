"""What every chip must hold to; a test of a chip is a subclass of this class.

The class collects under pytest, and needs it only there.
"""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from devices.chips import CHIPS
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.protocol import Chip, CoreChip
from devices.results import QuantizedGraph
from eventstore.errors import DoesNotFit
from eventstore.findings import has_errors
from snn.branching import Branching
from snn.layers import IAF, CubaLIF
from snn.sequential import SpikingSequential


def small_graph() -> Graph:
    """Return a network of two layers that any chip for frames can take."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = (nn.Conv2d(2, 4, 3, bias=False), IAF(0.3), nn.AvgPool2d(2))
        model = SpikingSequential(*layers, nn.Flatten(), nn.Linear(36, 3, bias=False), IAF(0.3))
    return graph_from_model(model, (2, 8, 8))


def small_raster_graph() -> Graph:
    """Return a network of two layers that any chip for rasters of few channels can take."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        neurons = [CubaLIF(0.04, 0.04, 0.01, bit_shift=True, max_spikes=most) for most in (None, 1)]
        model = SpikingSequential(
            *(nn.Linear(8, 12, bias=False), neurons[0]),
            *(nn.Linear(12, 3, bias=False), neurons[1]),
        )
    return graph_from_model(model, (8,))


class ChipContract:
    """Tests that every chip passes: subclass it and name a chip.

    Args:
        chip: the chip under test.
        graph: makes a network that the chip can take; of frames if nothing is said.

    Examples:
        >>> from devices.chips import chip
        >>> class TestSpeck2f(ChipContract):
        ...     chip = chip("speck2f")
        >>> TestSpeck2f().test_a_small_network_goes_all_the_way()
        >>> class TestXylo(ChipContract):
        ...     chip, graph = chip("xylo_audio3"), staticmethod(small_raster_graph)
        >>> TestXylo().test_a_small_network_goes_all_the_way()
    """

    chip: ClassVar[Chip[Any]]
    graph: ClassVar[Callable[[], Graph]] = staticmethod(small_graph)

    def test_is_in_the_table(self) -> None:
        """Its name finds it, and it tells its limits."""
        _demand(CHIPS[self.chip.name] == self.chip, f"register it as {self.chip.name!r}")
        _demand(len(dict(self.chip.limits())) > 3, "tell its limits")

    def test_a_small_network_goes_all_the_way(self) -> None:
        """It checks, quantises, maps, simulates and configures a network that fits."""
        graph = type(self).graph()
        _demand(not has_errors(self.chip.check(graph)), "accept a network of two small layers")
        q = self.chip.quantize(graph)
        config = self.chip.config(q)
        _demand(json.loads(json.dumps(config)) == config, "configure in plain JSON")
        _demand(self.chip.config(q) == config, "configure alike twice")
        _demand(not has_errors(self.chip.check_config(config)), "accept its own configuration")
        back = self.chip.graph_from_config(config)
        _demand(self.chip.config(back) == config, "find the network in its configuration again")
        frames = drawn_frames(graph)
        same = np.array_equal(
            self.chip.simulate(back, frames).output, self.chip.simulate(q, frames).output
        )
        _demand(same, "compute the same from its configuration")
        if isinstance(self.chip, CoreChip):
            _demand_cores(self.chip, q, config)

    def test_branches_are_kept_or_refused(self) -> None:
        """A network that branches is refused as a whole, or its configuration computes the same."""
        graph = branched_graph()
        if has_errors(self.chip.check(graph)):
            return
        q = self.chip.quantize(graph)
        back = self.chip.graph_from_config(self.chip.config(q))
        if isinstance(q, QuantizedGraph):
            _demand(len(back.links) == len(q.links), "keep each link of a network that branches")
        frames = drawn_frames(graph)
        same = np.array_equal(
            self.chip.simulate(back, frames).output, self.chip.simulate(q, frames).output
        )
        _demand(same, "compute the same from its configuration")

    def test_simulations_are_reproducible_and_treat_samples_alone(self) -> None:
        """The same sample gives the same spikes, whatever else is in the batch."""
        graph = type(self).graph()
        q, frames = self.chip.quantize(graph), drawn_frames(graph)
        ways = [self.chip.simulate]
        if isinstance(self.chip, CoreChip):
            ways.append(self.chip.simulate_events)
        for run in ways:
            whole, again = run(q, frames), run(q, frames)
            _demand(np.array_equal(whole.output, again.output), "be reproducible")
            last = run(q, frames[2:])
            _demand(np.array_equal(whole.output[2:], last.output), "treat each sample alone")
            _demand(whole.layers[0].spikes.sum() > 0, "let neurons fire")

    def test_a_network_that_does_not_fit_is_refused_with_reasons(self) -> None:
        """Each error says what to do, and quantising such a network is refused."""
        graph = graph_from_model(SpikingSequential(nn.Conv2d(2, 3, 1)), (2, 8, 8))
        errors = [finding for finding in self.chip.check(graph) if finding.is_error]
        _demand(bool(errors), "refuse a network without neurons")
        _demand(all(e.fix and e.check and e.where for e in errors), "say where and what to do")
        try:
            self.chip.quantize(graph)
        except DoesNotFit:
            return
        _demand(held=False, what="raise DoesNotFit where a rule is broken")


def branched_graph() -> Graph:
    """Return a network whose second layer is skipped: two paths meet in the third."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        paths = {
            "conv": nn.Conv2d(4, 4, 3, padding=1, bias=False),
            "spikes": IAF(0.3),
        }
        first = (nn.Conv2d(2, 4, 3, bias=False), IAF(0.3))
        last = (nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 3, bias=False), IAF(0.3))
        model = SpikingSequential(*first, Branching(paths, outputs=("input", "spikes")), *last)
    return graph_from_model(model, (2, 8, 8))


def drawn_frames(graph: Graph) -> np.ndarray:
    """Return counts of events of three samples in five time steps, as a network takes them."""
    shape = (3, 5, *graph.input_shape)
    return np.random.default_rng(0).poisson(0.3, shape).astype(np.uint8)


def _demand_cores(chip: CoreChip, q: QuantizedGraph, config: dict[str, Any]) -> None:
    mapping = chip.map(q)
    _demand(len(set(mapping.cores)) == len(q.layers), "give each layer a core of its own")
    _demand(chip.config(q, mapping) == config, "choose the same mapping by itself")
    same = chip.mapping_from_config(config).cores == mapping.cores
    _demand(same, "find the cores in its configuration again")
    layers = len(chip.graph_from_config(config).layers)
    _demand(layers == len(q.layers), "find the layers in its configuration again")


def _demand(held: bool, what: str) -> None:
    if not held:
        message = f"a chip must {what}"
        raise AssertionError(message)
