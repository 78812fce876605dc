from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from eventstore.errors import InvalidInput
from snn.layers import ALIF, IAF, LIF, CubaLIF, ExpLeak, ParallelLIF, SpikingLayer
from snn.nir.neurons import filled, neuron_nodes, why_private
from snn.nir.nodes import Threshold

DT = 0.001
ONCE: dict[str, Any] = {"reset": "set", "max_spikes": 1}
PLAIN: list[tuple[SpikingLayer, list[str]]] = [
    (IAF(spike_threshold=[0.5, 1.0, 2.0], v_reset=-0.5, **ONCE), ["IF"]),
    (LIF(tau_mem=0.005, **ONCE), ["LIF"]),
    (LIF(tau_mem=[0.005, 0.01, 0.1], norm_input=False, v_reset=0.25, **ONCE), ["LIF"]),
    (LIF(tau_mem=0.005, bit_shift=True, **ONCE), ["LIF"]),
    (CubaLIF(0.005, 0.003, **ONCE), ["CubaLIF"]),
    (CubaLIF(0.005, 0.003, bias=0.1, norm_input=True, bit_shift=True, **ONCE), ["CubaLIF"]),
    (CubaLIF(0.005, 0.003, reset="none", max_spikes=1), ["CubaLI", "Threshold"]),
    (IAF(reset="none", max_spikes=1), ["I", "Threshold"]),
    (LIF(tau_mem=0.005, reset="none", max_spikes=1), ["LI", "Threshold"]),
    (ExpLeak(tau_mem=0.005), ["LI"]),
    (ExpLeak(tau_mem=0.005, norm_input=False, bit_shift=True), ["LI"]),
    (ParallelLIF(tau_mem=0.005), ["LI", "Threshold"]),
]


@pytest.mark.parametrize(("layer", "kinds"), PLAIN, ids=str)
def test_nodes_mean_what_the_layer_computes(
    layer: SpikingLayer, kinds: list[str], solve: Any
) -> None:
    nodes = neuron_nodes(layer, (3,), DT)
    assert [node.kind for node in nodes] == kinds
    rng = np.random.default_rng(1)
    x = rng.normal(0.4, 1.0, (200, 3)).astype(np.float32)
    threshold = nodes[1] if len(nodes) == 2 else None
    meant = solve(x.astype(float), nodes[0], DT, threshold=threshold)
    y = layer(torch.from_numpy(x)[None])[0].detach().numpy()
    assert y.any()
    if layer.neuron.spiking:
        assert (y != meant).mean() < 0.01  # where a potential rounds across the threshold
    else:
        assert_allclose(y, meant, atol=1e-5)


@given(
    tau=st.floats(1e-4, 10.0),
    tau_syn=st.floats(1e-4, 1.0),
    dt=st.floats(1e-4, 1e-2),
    norm=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_numbers_of_a_node_give_back_the_recurrence(
    tau: float, tau_syn: float, dt: float, *, norm: bool
) -> None:
    layer = CubaLIF(tau, tau_syn, dt, norm_input=norm).double()
    layer.constants["tau_mem"].fill_(tau)
    layer.constants["tau_syn"].fill_(tau_syn)
    (node,) = neuron_nodes(layer, (), dt)
    rows = layer.rows()
    beta, alpha = np.exp(-dt / node.tau_syn), np.exp(-dt / node.tau_mem)  # type: ignore[attr-defined]
    assert_allclose(beta, rows["beta"][0].numpy(), rtol=1e-12)
    gain = -np.expm1(-dt / node.tau_mem) * node.r * -np.expm1(-dt / node.tau_syn) * node.w_in  # type: ignore[attr-defined]
    wanted = beta * (1 - alpha if norm else 1)
    assert_allclose(gain, wanted, rtol=1e-6, atol=1e-300)


def test_each_neuron_has_its_number() -> None:
    node, threshold = neuron_nodes(ParallelLIF(tau_mem=[0.01, 0.02]), (4, 2), DT)
    assert node.tau.shape == (4, 2)  # type: ignore[attr-defined]
    assert isinstance(threshold, Threshold)
    assert threshold.threshold.shape == (4, 2)
    assert node.tau.dtype == np.float32  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match=r"shape \(2,\) do not fit neurons of shape \(3,\)"):
        neuron_nodes(LIF(tau_mem=[0.01, 0.02]), (3,), DT)
    assert filled(np.array(2.0), (2, 1), np.dtype(np.float64)).tolist() == [[2.0], [2.0]]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (ALIF(), "threshold rises"),
        (CubaLIF(tau_syn=[0.01, 0.02]), "2 synapses"),
        (LIF(reset="none", min_v_mem=-1.0), "lower bound and no reset"),
        (LIF(min_v_mem=-1.0), ""),
        (ExpLeak(min_v_mem=-1.0), ""),
        (ParallelLIF(), ""),
    ],
)
def test_what_no_node_comes_near_to_is_said(layer: SpikingLayer, said: str) -> None:
    assert said in why_private(layer)
    assert bool(why_private(layer)) == bool(said)
