"""Rockpool 3.1.0 on the same input. Differences that are meant are listed where they are tested.

It remembers the state of the first sample of a batch alone; ours keeps that of each.
"""

from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch
from torch import Tensor

from snn.layers import LIF, CubaLIF, ExpLeak, Recurrent, SpikingLayer
from snn.surrogate import Heaviside

Oracle: TypeAlias = dict[str, Tensor]

WINDOW = Heaviside(width=0.5)
"""Rockpool's StepPWL."""

TRAINED = {"tau_mem": "tau_mem", "tau_syn": "tau_syn", "spike_threshold": "threshold"}


@pytest.fixture(scope="module")
def oracle(shared_oracles: Path) -> Oracle:
    arrays = np.load(shared_oracles / "rockpool_layers.npz")
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def cuba_of(oracle: Oracle, case: str, **options: Any) -> CubaLIF:
    tau_syn = oracle[f"{case}|p_tau_syn"]
    return CubaLIF(
        oracle[f"{case}|p_tau_mem"],
        [tau_syn[:, 0] if tau_syn.ndim else tau_syn],
        spike_threshold=oracle[f"{case}|p_threshold"],
        bias=oracle[f"{case}|p_bias"],
        surrogate=WINDOW,
        **options,
    )


def check(layer: SpikingLayer, oracle: Oracle, case: str, *, gradient: bool = True) -> None:
    """Compare spikes, the last state of the first sample, and the gradient to the input."""
    x = oracle["x"].clone().requires_grad_()
    y, state = layer.run(x)
    torch.autograd.backward(y, oracle["grad_out"])
    assert torch.equal(y.detach(), oracle[f"{case}|y"])
    wanted = oracle[f"{case}|state_vmem"]
    assert any(torch.allclose(row, wanted, rtol=1e-4, atol=1e-5) for row in state.v_mem.detach())
    if gradient:
        assert x.grad is not None
        close(x.grad, oracle[f"{case}|gx"])


def close(found: Tensor, wanted: Tensor) -> None:
    scale = float(wanted.abs().max())
    torch.testing.assert_close(found.reshape(wanted.shape), wanted, rtol=2e-4, atol=1e-5 * scale)


def check_trained(layer: CubaLIF, oracle: Oracle, case: str) -> None:
    """Compare gradients to constants, ours being those to their logarithms; and to the bias."""
    for name, peer in TRAINED.items():
        grad = layer.constants.get_parameter(f"log_{name}").grad
        assert grad is not None
        close(grad, oracle[f"{case}|gp_{peer}"] * oracle[f"{case}|p_{peer}"])
    assert layer.bias is not None
    assert layer.bias.grad is not None
    close(layer.bias.grad, oracle[f"{case}|gp_bias"])


@pytest.mark.parametrize("case", ["LIF", "LIF_hetero", "LIF_rec"])
def test_spikes_and_gradients_to_input_and_constants(oracle: Oracle, case: str) -> None:
    # That to the threshold is −(v / θ) ∂s/∂v in both.
    neurons = cuba_of(oracle, case, train=tuple(TRAINED))
    layer: SpikingLayer = neurons
    if case == "LIF_rec":
        layer = Recurrent(neurons, 6)
        layer.weight.data = oracle[f"{case}|p_w_rec"].clone()
    check(layer, oracle, case)
    if case != "LIF":
        per_neuron = oracle[f"{case}|p_threshold"].numel() == 6
        assert per_neuron
    check_trained(neurons, oracle, case)
    if isinstance(layer, Recurrent):
        assert layer.weight.grad is not None
        close(layer.weight.grad, oracle[f"{case}|gp_w_rec"])


def test_a_cap_on_spikes(oracle: Oracle) -> None:
    check(cuba_of(oracle, "LIF_max2", max_spikes=2), oracle, "LIF_max2")


def test_decays_of_bit_shifts(oracle: Oracle) -> None:
    check(cuba_of(oracle, "Bitshift", bit_shift=True, max_spikes=31), oracle, "Bitshift")
    # Meant: its window is 0.5, ours 0.5 thresholds, so gradients differ where those are not 1.
    hetero = cuba_of(oracle, "Bitshift_hetero", bit_shift=True, max_spikes=31)
    check(hetero, oracle, "Bitshift_hetero", gradient=False)


def test_a_membrane_alone(oracle: Oracle) -> None:
    layer = LIF(oracle["LIFNeuron|p_tau_mem"], surrogate=WINDOW, norm_input=False)
    check(layer, oracle, "LIFNeuron")


def test_a_synapse_alone(oracle: Oracle) -> None:
    # Meant: its ExpSyn decays what it is given at once, our ExpLeak in the next step.
    tau = oracle["ExpSyn|p_tau"]
    y = ExpLeak(tau, norm_input=False)(oracle["x"]) * torch.exp(-0.001 / tau)
    close(y, oracle["ExpSyn|y"])
