"""The busiest layer is split while that helps, and never anything else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.speck.chip import SPECK2F
from devices.speck.family import speck2f
from devices.speck.load_balance import balance_load, check_load, layer_loads
from devices.speck.mapping import map_layers
from devices.speck.simulate import simulate
from eventstore.errors import InvalidInput
from tests.devices.speck.small_layers import chain_of


@settings(max_examples=40)
@given(
    loads=st.lists(st.floats(0, 1e6), min_size=4, max_size=4),
    n_cores=st.integers(4, 9),
    features=st.tuples(*[st.integers(1, 9)] * 3),
)
def test_balancing_lowers_the_busiest_and_keeps_the_sum(
    loads: list[float], n_cores: int, features: tuple[int, int, int]
) -> None:
    spec = replace(SPECK2F, cores=SPECK2F.cores[:n_cores])
    q = chain_of((2, *features, 3), seed=1)
    before = dict(zip("0123", loads, strict=True))
    parts, after = balance_load(q, before, spec)
    assert list(after) == [layer.name for layer in parts.layers]
    assert sum(after.values()) == pytest.approx(sum(loads))
    assert len(set(map_layers(parts, spec).cores)) == len(parts.layers) <= n_cores
    if len(parts.layers) > len(q.layers):
        assert max(after.values()) < max(loads)
    else:
        assert parts is q


def test_loads_are_measured_and_the_parts_do_what_was_foretold() -> None:
    q = chain_of((2, 6, 6, 3), seed=2)
    frames = np.random.default_rng(0).poisson(1.0, (4, 20, *q.input_shape))
    loads = layer_loads(q, simulate(q, frames))
    parts, foretold = speck2f.balance(q, simulate(q, frames))
    assert max(foretold.values()) <= 0.7 * max(loads.values())
    assert layer_loads(parts, simulate(parts, frames)) == pytest.approx(foretold)
    with pytest.raises(InvalidInput, match="the simulation is of layers 0, 1, 2, the network has"):
        layer_loads(parts, simulate(q, frames))


def test_the_busiest_layer_is_told_with_what_splitting_changes() -> None:
    q = chain_of((2, 6, 6, 3), seed=2)
    [found] = check_load(q, {"0": 100.0, "1": 300.0, "2": 100.0}, SPECK2F)
    assert (found.where, found.check, found.is_error) == ("1", "synops-balance", False)
    assert found.message.startswith("does 60% of all synaptic operations, an even share is 33%")
    assert found.fix.startswith(
        "split it: spikelake chip config --split-layer 1; balance() takes 1"
    )
    assert found.fix.endswith("leaves the busiest core 30%")
    [found] = check_load(q, {"0": 1.0, "1": 1.0, "2": 300.0}, SPECK2F)
    assert "cannot be split: layer '2' is the network's output" in found.fix
    assert check_load(q, {"0": 0.0, "1": 0.0, "2": 0.0}, SPECK2F) == []
    for wrong in ({"0": 1.0}, {"0": -1.0, "1": 1.0, "2": 1.0}):
        with pytest.raises(InvalidInput, match="synaptic operations"):
            check_load(q, wrong, SPECK2F)
