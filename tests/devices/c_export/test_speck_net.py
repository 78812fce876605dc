"""Tests of Speck networks in C: what the simulator in time steps says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from devices.c_export.network import c_source
from devices.conformance import small_graph
from devices.results import QuantizedGraph, QuantizedLayer
from devices.speck.chip import SPECK2F
from devices.speck.layer_split import split_layer
from devices.speck.quantize import quantize_graph
from devices.speck.simulate import simulate
from eventstore.errors import DoesNotFit
from tests.devices.c_export.compiled import outputs_in_c
from tests.devices.speck.random_nets import random_net


def drawn(n: int, seed: int) -> list[tuple[QuantizedGraph, np.ndarray]]:
    rng, made = np.random.default_rng(seed), []
    for _ in range(n):
        q = random_net(rng, max_layers=5)
        made.append((q, rng.poisson(0.3, (12, *q.input_shape))))
    return made


def assert_c_equals(
    nets: list[tuple[QuantizedGraph, np.ndarray]], folder: Path, *, checked: bool = False
) -> None:
    sources = [c_source(q, name=f"net{k}") for k, (q, _) in enumerate(nets)]
    found = outputs_in_c(sources, [x for _, x in nets], folder, checked=checked)
    for (q, frames), output in zip(nets, found, strict=True):
        np.testing.assert_array_equal(output, simulate(q, frames[None]).output[0])
    assert sum(output.sum() for output in found) > 10 * len(nets)


def halved() -> QuantizedGraph:
    """Return a network whose first layer is computed in two halves, of features side by side."""
    return split_layer(quantize_graph(small_graph(), SPECK2F), "0", SPECK2F)


def test_c_says_what_the_simulator_says(tmp_path: Path) -> None:
    q, rng = halved(), np.random.default_rng(5)
    assert {link.feature_shift for link in q.links} != {0}
    side_by_side = (q, rng.poisson(2.0, (12, *q.input_shape)))
    assert_c_equals([*drawn(9, seed=0), side_by_side], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("checked", [False, True])
def test_c_says_what_the_simulator_says_a_hundred_times(tmp_path: Path, checked: bool) -> None:
    assert_c_equals(drawn(100, seed=1), tmp_path, checked=checked)


def test_sums_are_as_wide_as_they_may_become(tmp_path: Path) -> None:
    layer = QuantizedLayer(
        name="a",
        spiking_name="b",
        input_shape=(8, 1, 1),
        weight=np.full((8, 8, 1, 1), 127, np.int8),
        bias=None,
        stride=(1, 1),
        padding=(0, 0),
        threshold=1,
        lower_bound=0,
        reset="subtract",
        scale=1.0,
        rescale=1.0,
    )
    two, three, seven = (chain_of(layer, n) for n in (2, 3, 7))
    assert "typedef int32_t net_spikes" in c_source(two).header
    assert "typedef int64_t net_spikes" in c_source(three).header
    sources = [c_source(two, name="two"), c_source(three, name="three")]
    found = outputs_in_c(sources, [np.full((2, 8), 255)] * 2, tmp_path)
    for n, output in zip((2, 3), found, strict=True):
        np.testing.assert_array_equal(output, np.full((2, 8), 255 * (8 * 127) ** n))
    with pytest.raises(DoesNotFit, match=r"may reach 2\.\de\+23, more than 64 bits") as caught:
        c_source(seven)
    assert "thresholds" in (caught.value.hint or "")


def test_a_threshold_that_never_ends_is_refused() -> None:
    q, _ = drawn(1, seed=3)[0]
    broken = replace(q, layers=(replace(q.layers[0], threshold=0), *q.layers[1:]))
    with pytest.raises(DoesNotFit, match="threshold 0"):
        c_source(broken)


def test_the_header_says_that_it_takes_time_steps() -> None:
    q, _ = drawn(1, seed=4)[0]
    source = c_source(q)
    assert "Computes in time steps" in source.header
    assert f"a state {source.state_bytes}." in source.header


def chain_of(layer: QuantizedLayer, n: int) -> QuantizedGraph:
    layers = tuple(replace(layer, name=f"layer{k}") for k in range(n))
    return QuantizedGraph.chain(chip="any", input_shape=(8,), layers=layers)
