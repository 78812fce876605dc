"""SpikingJelly 2.0.0 on the same input: spikes, and gradients with the same surrogate.

Vectors are what its nodes gave for `INPUT` in float32 (torch 2.13, multi-step mode).
The page about coming from it shows the same replacements.
"""

import math

import pytest
import torch

from snn.layers import IAF, LIF, SpikingLayer
from snn.surrogate import (
    ArcTan,
    FastSigmoid,
    Gaussian,
    SingleExponential,
    StraightThrough,
    Surrogate,
    Triangular,
)

N_STEPS, N_NEURONS = 24, 3
K = torch.arange(N_STEPS * N_NEURONS, dtype=torch.float64)
INPUT = (0.6 + 0.9 * torch.sin(1.7 * K + 0.3 * K * K / N_STEPS)).float()
WEIGHT = torch.cos(0.9 * K).float()
ATAN = ArcTan(width=0.5)


def tau_mem(tau: float, dt: float = 0.001) -> float:
    """Return the time constant of an exact decay of 1 − 1/tau a step."""
    return -dt / math.log(1 - 1 / tau)


NODES: dict[str, tuple[SpikingLayer, str, list[float], float]] = {
    "IFNode": (
        IAF(max_spikes=1, reset="set", surrogate=ATAN),
        "010011001001001101001001011010010100101000010101000010101010101000010101",
        [0.33017, -0.07501, 0.14208, 0.06312, 0.10448, 0.28765, 0.12661, 0.46638],
        8.8027,
    ),
    "IFNode(v_reset=None)": (
        IAF(max_spikes=1, surrogate=ATAN),
        "010011011001001101001101001011011011101111010101111010101010101111010101",
        [0.31481, -0.11908, 0.10958, 0.03355, 0.08372, 0.33517, -0.15827, 0.99388],
        6.53755,
    ),
    "LIFNode(tau=2)": (
        LIF(tau_mem(2), max_spikes=1, reset="set", surrogate=ATAN),
        "000000001000001000001000000000010000000000000000000000000000000000000000",
        [0.06836, -0.0365, 0.01925, -0.01081, 0.00064, 0.02895, -0.07391, 0.08345],
        6.35932,
    ),
    "LIFNode(tau=5, v_reset=None)": (
        LIF(tau_mem(5), max_spikes=1, surrogate=ATAN),
        "000000000000000000001000000000000000000000000000000000000000000000000000",
        [0.01429, -0.01251, 0.00838, -0.00445, 0.00022, 0.00632, -0.0138, 0.01979],
        1.63566,
    ),
    "LIFNode(tau=5, decay_input=False)": (
        LIF(tau_mem(5), max_spikes=1, reset="set", norm_input=False, surrogate=ATAN),
        "010011001001001001101001001010010100101000010101000010101010101000010101",
        [0.40954, 0.03554, 0.24559, 0.23558, 0.32951, 0.54691, -0.47702, -0.05175],
        8.9001,
    ),
    "LIFNode(tau=2, detach_reset=True)": (
        LIF(tau_mem(2), max_spikes=1, reset="set", detach_reset=True, surrogate=ATAN),
        "000000001000001000001000000000010000000000000000000000000000000000000000",
        [0.06744, -0.03646, 0.01923, -0.01093, 0.0004, 0.02764, -0.0705, 0.08078],
        5.54677,
    ),
}

SURROGATES: dict[str, tuple[Surrogate, list[float]]] = {
    "ATan(alpha=2)": (ATAN, [0.043091, 0.092, 0.2884, 1.0]),
    "SoftSign(alpha=2)": (FastSigmoid(width=0.5), [0.0625, 0.111111, 0.25, 1.0]),
    "SuperSpike(alpha=1)": (FastSigmoid(width=1.0), [0.16, 0.25, 0.444444, 1.0]),
    "PiecewiseQuadratic(alpha=1)": (Triangular(width=1.0), [0.0, 0.0, 0.5, 1.0]),
    "PiecewiseExp(alpha=1)": (
        SingleExponential(width=1.0, scale=0.5),
        [0.111565, 0.18394, 0.303265, 0.5],
    ),
    "Erf(alpha=2)": (
        Gaussian(width=1 / (2 * math.sqrt(2))),
        [0.000139, 0.020667, 0.415108, 1.128379],
    ),
    "DeterministicPass": (StraightThrough(), [1.0, 1.0, 1.0, 1.0]),
}


@pytest.mark.parametrize("node", NODES)
def test_spikes_and_gradients(node: str) -> None:
    layer, spikes, first, total = NODES[node]
    shape = (1, N_STEPS, N_NEURONS)
    x = INPUT.reshape(shape).requires_grad_()
    y = layer(x)
    torch.autograd.backward(y, WEIGHT.reshape(shape))
    assert "".join(str(int(v)) for v in y.flatten().tolist()) == spikes
    assert x.grad is not None
    torch.testing.assert_close(x.grad[0, :8, 0], torch.tensor(first), rtol=0, atol=1e-5)
    assert (x.grad.flatten() * WEIGHT).sum().item() == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("name", SURROGATES)
def test_surrogates(name: str) -> None:
    # Its functions take v − θ, ours v / θ; the threshold is 1 here.
    surrogate, wanted = SURROGATES[name]
    found = surrogate.h(torch.tensor([-0.5, 0.0, 0.5, 1.0]))
    torch.testing.assert_close(found, torch.tensor(wanted), rtol=1e-5, atol=1e-6)
