"""What every chip must hold to; a test of a chip is a subclass of this class.

The class collects under pytest, and needs it only there.
"""

import json
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from devices.chips import CHIPS
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.protocol import Chip
from eventstore.errors import DoesNotFit
from eventstore.findings import has_errors
from snn.branching import Branching
from snn.layers import IAF
from snn.sequential import SpikingSequential


class ChipContract:
    """Tests that every chip passes: subclass it and name a chip.

    Args:
        chip: the chip under test.

    Examples:
        >>> from devices.chips import chip
        >>> class TestSpeck2f(ChipContract):
        ...     chip = chip("speck2f")
        >>> TestSpeck2f().test_a_small_network_goes_all_the_way()
    """

    chip: ClassVar[Chip]

    def test_is_in_the_table(self) -> None:
        """Its name finds it, and it tells its limits."""
        _demand(CHIPS[self.chip.name] == self.chip, f"register it as {self.chip.name!r}")
        _demand(len(dict(self.chip.limits())) > 3, "tell its limits")

    def test_a_small_network_goes_all_the_way(self) -> None:
        """It checks, quantises, maps, simulates and configures a network that fits."""
        graph = small_graph()
        _demand(not has_errors(self.chip.check(graph)), "accept a network of two small layers")
        q = self.chip.quantize(graph)
        mapping = self.chip.map(q)
        _demand(len(set(mapping.cores)) == len(q.layers), "give each layer a core of its own")
        config = self.chip.config(q, mapping)
        _demand(json.loads(json.dumps(config)) == config, "configure in plain JSON")
        _demand(self.chip.config(q) == config, "choose the same mapping by itself")
        _demand(not has_errors(self.chip.check_config(config)), "accept its own configuration")
        back = self.chip.graph_from_config(config)
        _demand(len(back.layers) == len(q.layers), "find the network in its configuration again")
        same = self.chip.mapping_from_config(config).cores == mapping.cores
        _demand(same, "find the cores in its configuration again")

    def test_branches_are_kept_or_refused(self) -> None:
        """A network that branches is refused as a whole, or its configuration computes the same."""
        graph = branched_graph()
        if has_errors(self.chip.check(graph)):
            return
        q = self.chip.quantize(graph)
        back = self.chip.graph_from_config(self.chip.config(q))
        _demand(len(back.links) == len(q.links), "keep each link of a network that branches")
        frames = np.random.default_rng(0).poisson(0.3, (2, 5, 2, 8, 8)).astype(np.uint8)
        same = np.array_equal(
            self.chip.simulate(back, frames).output, self.chip.simulate(q, frames).output
        )
        _demand(same, "compute the same from its configuration")

    def test_simulations_are_reproducible_and_treat_samples_alone(self) -> None:
        """The same sample gives the same spikes, whatever else is in the batch."""
        q = self.chip.quantize(small_graph())
        frames = np.random.default_rng(0).poisson(0.3, (3, 5, 2, 8, 8)).astype(np.uint8)
        for run in (self.chip.simulate, self.chip.simulate_events):
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


def small_graph() -> Graph:
    """Return a network of two layers that any chip can take."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layers = (nn.Conv2d(2, 4, 3, bias=False), IAF(0.3), nn.AvgPool2d(2))
        model = SpikingSequential(*layers, nn.Flatten(), nn.Linear(36, 3, bias=False), IAF(0.3))
    return graph_from_model(model, (2, 8, 8))


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


def _demand(held: bool, what: str) -> None:
    if not held:
        message = f"a chip must {what}"
        raise AssertionError(message)
