"""Training in a chip's integers sees the spikes that the chip's simulation gives, to the last."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.speck.chip import SPECK2F
from devices.speck.quantize import quantize_graph
from devices.speck.scaling import largest_scale
from devices.speck.simulate import simulate
from snn.robustness.integer_rule import SPECK
from snn.robustness.quantised import in_integers, run_quantised
from snn.sequential import SpikingSequential, modules_in_order

NUMBERS = st.just(0.0) | st.floats(2.0**-99, 9, width=32) | st.floats(-9, -(2.0**-99), width=32)


def net(seed: int, *, threshold: float, bound: float | None, bias: bool) -> SpikingSequential:
    torch.manual_seed(seed)
    reset = "set" if seed % 3 == 0 else "subtract"
    model = SpikingSequential(
        nn.Conv2d(2, 4, 3, stride=1 + seed % 2, padding=1, bias=bias),
        snn.IAF(threshold, bound, reset=reset),  # type: ignore[arg-type]
        nn.AvgPool2d(2) if seed % 2 else nn.LPPool2d(1, 2),
        nn.Conv2d(4, 6, 3, padding=1, bias=bias),
        snn.IAF(1.0, bound),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(6 * (4 if seed % 2 else 16), 5, bias=bias),
        snn.IAF(threshold, -threshold),
    )
    for module in model:
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.weight.data.mul_(2.0)
    return model


DRAWN = given(
    seed=st.integers(0, 10_000),
    threshold=st.sampled_from([0.3, 1.0, 2.7]),
    bound=st.sampled_from([None, 0.0, -0.7, -1.0]),
    bias=st.booleans(),
)


@settings(max_examples=40)
@DRAWN
def test_spikes_are_those_of_the_simulation(
    seed: int, threshold: float, bound: float | None, bias: bool
) -> None:
    model = net(seed, threshold=threshold, bound=bound, bias=bias)
    frames = np.random.default_rng(seed).integers(0, 3, (2, 6, 2, 16, 16)).astype(np.float32)
    q = quantize_graph(graph_from_model(model, (2, 16, 16)), SPECK2F)
    expected = simulate(q, frames)
    with torch.no_grad():
        found = run_quantised(model, torch.from_numpy(frames), SPECK)
    np.testing.assert_array_equal(found.numpy().astype(np.int64), expected.output)
    spikes = [
        int(p.y.sum())
        for p in in_integers(model, SPECK).walk(torch.from_numpy(frames))
        if p.state is not None
    ]
    assert spikes == [int(layer.spikes.sum()) for layer in expected.layers]


def branching_net(seed: int) -> SpikingSequential:
    """Return a net of two paths that part, are averaged, meet, and are skipped once more."""
    torch.manual_seed(seed)
    paths = {
        "conv": nn.Conv2d(4, 4, 3, padding=1, bias=bool(seed % 2)),
        "iaf": snn.IAF(0.7, -1.0),
        "pool": nn.AvgPool2d(2),
        "short": nn.AvgPool2d(2),
        "conv2": nn.Conv2d(4, 4, 1, bias=False),
        "iaf2": snn.IAF(0.9, None),
    }
    sources = {"short": ("input",), "conv2": ("pool", "short")}
    block = snn.Branching(paths, sources=sources, outputs=("iaf2",))
    skip = snn.Branching({"conv": nn.Conv2d(4, 4, 1), "iaf": snn.IAF()}, outputs=("input", "iaf"))
    first = (nn.Conv2d(2, 4, 3, padding=1), snn.IAF(0.5, -0.5))
    return SpikingSequential(*first, block, skip, nn.Flatten(), nn.Linear(64, 5), snn.IAF())


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_spikes_of_networks_that_branch_are_those_of_the_simulation(seed: int) -> None:
    model = branching_net(seed)
    frames = np.random.default_rng(seed).integers(0, 3, (2, 6, 2, 8, 8)).astype(np.float32)
    expected = simulate(quantize_graph(graph_from_model(model, (2, 8, 8)), SPECK2F), frames)
    x = torch.from_numpy(frames)
    loss = run_quantised(model, x, SPECK)
    np.testing.assert_array_equal(loss.detach().numpy().astype(np.int64), expected.output)
    loss.sum().backward()  # type: ignore[no-untyped-call]
    inner = model.get_submodule("2.conv")
    assert isinstance(inner, nn.Conv2d)
    assert inner.weight.grad is not None


@settings(max_examples=40)
@DRAWN
def test_integers_are_those_of_the_chip(
    seed: int, threshold: float, bound: float | None, bias: bool
) -> None:
    model = net(seed, threshold=threshold, bound=bound, bias=bias)
    q = quantize_graph(graph_from_model(model, (2, 16, 16)), SPECK2F)
    rounded: dict[str, Any] = dict(modules_in_order(in_integers(model, SPECK)))
    for layer in q.layers:
        numbers, neurons = rounded[layer.name].numbers, rounded[layer.spiking_name]
        weight = (numbers["weight"] * layer.rescale).detach().reshape(layer.weight.shape)
        np.testing.assert_array_equal(weight.numpy(), layer.weight)
        if layer.bias is not None:
            np.testing.assert_array_equal(numbers["bias"].detach().numpy(), layer.bias)
        assert float(neurons.rows()["spike_threshold"]) == layer.threshold
        if bound is not None:  # without one the chip's smallest state stands in for it
            assert neurons.neuron.min_v_mem == layer.lower_bound


@given(
    values=hnp.arrays(np.float32, 6, elements=NUMBERS),
    bits=st.sampled_from([8, 16]),
)
def test_scales_are_those_of_the_chip_to_the_bit(values: np.ndarray, bits: int) -> None:
    found = SPECK.largest_scale([torch.from_numpy(values)], bits).item()
    assert found == float(largest_scale(values, bits))


def test_the_rule_is_that_of_the_chip() -> None:
    assert SPECK.bounds(SPECK.weight_bits) == SPECK2F.weight_range
    assert SPECK.bounds(SPECK.state_bits) == SPECK2F.state_range


@pytest.mark.parametrize("seed", range(3))
def test_without_rounding_spikes_would_differ(seed: int) -> None:
    model = net(seed, threshold=1.0, bound=-1.0, bias=True)
    x = torch.from_numpy(np.random.default_rng(seed).integers(0, 3, (4, 20, 2, 16, 16))).float()
    with torch.no_grad():
        assert not torch.equal(model(x), run_quantised(model, x, SPECK))
