"""Every chip of the project passes the contract, and the contract catches a bad one."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from devices.chips import CHIPS, chip
from devices.conformance import ChipContract, small_graph, small_raster_graph
from devices.nodes import Graph
from devices.results import Mapping, QuantizedGraph, SimResult
from devices.speck.chip import SPECK2F
from devices.speck.config_options import ConfigOptions
from devices.speck.family import Speck
from devices.xylo.family import Xylo
from eventstore.findings import Finding


class TestSpeck2e(ChipContract):
    chip = chip("speck2e")


class TestSpeck2f(ChipContract):
    chip = chip("speck2f")


class TestSpeck2fDevkit(ChipContract):
    chip = chip("speck2fdevkit")


class TestXyloAudio2(ChipContract):
    chip, graph = chip("xylo_audio2"), staticmethod(small_raster_graph)


class TestXyloAudio3(ChipContract):
    chip, graph = chip("xylo_audio3"), staticmethod(small_raster_graph)


class TestXyloImu(ChipContract):
    chip, graph = chip("xylo_imu"), staticmethod(small_raster_graph)


@dataclass(frozen=True, slots=True)
class Careless(Speck):
    """Accepts everything, simulates with leftovers of the batch, and forgets its cores."""

    def check(self, graph: Graph) -> list[Finding]:
        return []

    def simulate(
        self, q: QuantizedGraph, frames: np.ndarray, lengths: np.ndarray | None = None
    ) -> SimResult:
        return Speck.simulate(self, q, np.maximum(frames, frames[:1]), lengths)

    def config(
        self,
        q: QuantizedGraph,
        mapping: Mapping | None = None,
        options: ConfigOptions | None = None,
    ) -> dict[str, Any]:
        return {"cores": () if mapping is None else mapping.cores}


@dataclass(frozen=True, slots=True)
class Forgetful(Speck):
    """Reads back just one of the branches that meet."""

    def graph_from_config(self, config: Table[str, Any]) -> QuantizedGraph:
        q = Speck.graph_from_config(self, config)
        return replace(q, links=tuple({link.target: link for link in q.links}.values()))


def test_a_chip_that_loses_a_branch_is_caught() -> None:
    class Contract(ChipContract):
        chip = Forgetful(SPECK2F)

    with pytest.raises(AssertionError, match="keep each link"):
        Contract().test_branches_are_kept_or_refused()


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("test_is_in_the_table", "register it"),
        ("test_a_small_network_goes_all_the_way", "plain JSON"),
        ("test_simulations_are_reproducible_and_treat_samples_alone", "each sample alone"),
        ("test_a_network_that_does_not_fit_is_refused_with_reasons", "without neurons"),
    ],
)
def test_a_careless_chip_is_caught(test: str, message: str) -> None:
    class Contract(ChipContract):
        chip = Careless(SPECK2F)

    with pytest.raises(AssertionError, match=message):
        getattr(Contract(), test)()


def test_every_chip_of_two_families_takes_its_small_network() -> None:
    families = {Speck: small_graph(), Xylo: small_raster_graph()}
    seen = set()
    for name in CHIPS:
        for family, graph in families.items():
            if isinstance(CHIPS[name], family):
                assert not [f for f in CHIPS[name].check(graph) if f.is_error]
                seen.add(family)
    assert seen == set(families)
