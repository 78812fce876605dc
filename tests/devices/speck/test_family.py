"""The facade: each step is the family's own."""

import numpy as np
import pytest

from devices.conformance import small_graph
from devices.speck.chip import SPECK2F
from devices.speck.event_driven import simulate_events
from devices.speck.family import Speck, speck2f
from devices.speck.rules import check_graph
from devices.speck.simulate import simulate


def test_the_steps_are_those_of_the_family() -> None:
    graph = small_graph()
    q = speck2f.quantize(graph)
    frames = np.random.default_rng(0).poisson(0.3, (2, 4, 2, 8, 8))
    lengths = np.array([4, 2])
    assert speck2f.check(graph) == check_graph(graph, SPECK2F)
    np.testing.assert_array_equal(
        speck2f.simulate(q, frames, lengths).output, simulate(q, frames, lengths).output
    )
    np.testing.assert_array_equal(
        speck2f.simulate_events(q, frames, lengths, seed=1).output,
        simulate_events(q, frames, SPECK2F, lengths=lengths, seed=1).output,
    )


def test_a_chip_is_a_value() -> None:
    assert Speck(SPECK2F) == speck2f
    with pytest.raises(AttributeError):
        speck2f.spec = SPECK2F  # type: ignore[misc]


def test_limits_are_those_of_the_specification() -> None:
    limits = dict(speck2f.limits())
    assert limits["weight words a core"].startswith("16384, ")
    assert limits["kernel"] == "1 … 16, square"
