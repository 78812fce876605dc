"""Sinabs 3.1.3 on the same input. Differences that are meant are listed where they are tested.

Its surrogates are of the potential in its own units, ours of potential over threshold: a width w
of its PeriodicExponential, Heaviside and Gaussians is w / θ of ours, and the first has no 1 / θ.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch

from snn.layers import ALIF, IAF, LIF, CubaLIF, ExpLeak, Recurrent, SpikingLayer
from snn.surrogate import Heaviside, MultiGaussian, PeriodicExponential, SingleExponential

Oracle: TypeAlias = dict[str, np.ndarray]

THRESHOLD = 0.8
SURROGATE = {
    "single_exp": SingleExponential(),
    "periodic_exp": PeriodicExponential(width=0.5 / THRESHOLD, scale=THRESHOLD),
    "heaviside": Heaviside(width=1.0 / THRESHOLD),
    "multi_gauss": MultiGaussian(width=0.5 / THRESHOLD),
}
CASES = [
    f"{neuron}/{rest}"
    for neuron in ("IAF", "LIF")
    for rest in (
        "sub/multi/none/single_exp",
        "sub/multi/none/periodic_exp",
        "sub/multi/none/multi_gauss",
        "sub/multi/none/heaviside",
        "sub/multi/m05/periodic_exp",
        "sub/single/none/periodic_exp",
        "sub/single/m05/periodic_exp",
        "reset/multi/none/periodic_exp",
        "reset/multi/m05/periodic_exp",
        "reset/single/none/periodic_exp",
        "reset/single/m05/periodic_exp",
    )
]


FILE = "sinabs_layers.npz"


@pytest.fixture(scope="module")
def oracle(shared_oracles: Path) -> Oracle:
    return dict(np.load(shared_oracles / FILE))


def layer_of(case: str) -> IAF | LIF:
    neuron, reset, spikes, bound, surrogate = case.split("/")
    options: dict[str, Any] = {
        "spike_threshold": THRESHOLD,
        # Sinabs' reset to a value compares spikes with zero, which lets no gradient through.
        "reset": "subtract" if reset == "sub" else "set",
        "detach_reset": reset == "reset",
        "max_spikes": 1 if spikes == "single" else None,
        "min_v_mem": {"none": None, "m05": -0.5}[bound],
        "surrogate": SURROGATE[surrogate],
    }
    if neuron == "IAF":
        return IAF(**options)
    return LIF(tau_mem=10.0, dt=1.0, train=("tau_mem",), **options)


def check(layer: SpikingLayer, oracle: Oracle, case: str, scale: float = 1.0) -> None:
    """Compare spikes, last potential, and gradient to the input."""
    scale = float(oracle.get(f"{case}|xscale", scale))
    x = (torch.from_numpy(oracle["x"]) * scale).requires_grad_()
    y, state = layer.run(x)
    torch.autograd.backward(y, torch.from_numpy(oracle["grad_out"]))
    np.testing.assert_array_equal(y.detach(), oracle[f"{case}|y"])
    if f"{case}|final_v_mem" in oracle:
        end = oracle[f"{case}|final_v_mem"]
        np.testing.assert_allclose(state.v_mem.detach(), end, rtol=1e-5, atol=4e-6)
    found, wanted = x.grad, oracle[f"{case}|gx"]
    assert found is not None
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


# Kernels that give no gradient to constants are compiled for one case: others take 7 s each.
COMPILED = [case for case in CASES if case.startswith("LIF") or case == CASES[0]]


@pytest.mark.parametrize("case", COMPILED)
def test_iaf_and_lif(oracle: Oracle, case: str) -> None:
    check_case(oracle, case)


def check_case(oracle: Oracle, case: str) -> None:
    layer = layer_of(case)
    check(layer, oracle, case)
    if isinstance(layer, LIF):
        trained = layer.constants.get_parameter("log_tau_mem")
        assert trained.grad is not None
        wanted = oracle[f"{case}|g_tau_mem"].item() * 10.0  # d/d log τ = τ d/dτ
        assert trained.grad.item() == pytest.approx(wanted, rel=2e-4)


def check_all(file: str) -> int:
    """Run all cases, and return how many there were."""
    oracle = dict(np.load(file))
    for case in CASES:
        check_case(oracle, case)
    return len(CASES)


def test_iaf_and_lif_in_the_interpreter(shared_oracles: Path) -> None:
    folder, file = str(Path(__file__).parent), str(shared_oracles / FILE)
    code = f"import sys; sys.path.insert(0, {folder!r}); import test_against_sinabs as t; "
    command = [sys.executable, "-W", "error", "-c", f"{code}print(t.check_all({file!r}))"]
    settings = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) == 22


@pytest.mark.parametrize(("case", "norm"), [("LIF/syn", True), ("LIF/syn_nonorm", False)])
def test_synapses(oracle: Oracle, case: str, norm: bool) -> None:
    layer = CubaLIF(
        10.0, 5.0, 1.0, spike_threshold=THRESHOLD, norm_input=norm, train=("tau_mem", "tau_syn")
    )
    check(layer, oracle, case)
    for name, tau in (("tau_mem", 10.0), ("tau_syn", 5.0)):
        trained = layer.constants.get_parameter(f"log_{name}")
        assert trained.grad is not None
        wanted = oracle[f"{case}|g_{name}"].item() * tau
        assert trained.grad.item() == pytest.approx(wanted, rel=2e-4)


def test_unnormalised_leak(oracle: Oracle) -> None:
    layer = LIF(tau_mem=10.0, dt=1.0, spike_threshold=THRESHOLD, norm_input=False)
    check(layer, oracle, "LIF/nonorm")


@pytest.mark.parametrize("case", ["ExpLeak", "ExpLeak/nonorm"])
def test_leak(oracle: Oracle, case: str) -> None:
    # Meant: our ExpLeak weighs its input with 1 − α by default, as LIF does.
    x = torch.from_numpy(oracle["x"]).requires_grad_()
    y = ExpLeak(tau_mem=10.0, dt=1.0, norm_input=False)(x)
    (ours,) = torch.autograd.grad(y, x, torch.from_numpy(oracle["grad_out"]))
    np.testing.assert_allclose(y.detach(), oracle[f"{case}|y"], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(ours, oracle[f"{case}|gx"], rtol=1e-5, atol=1e-5)


def test_bounded_leak_equals_its_state(oracle: Oracle) -> None:
    # Meant: sinabs bounds the state only, and outputs the potential before that.
    layer = ExpLeak(tau_mem=10.0, dt=1.0, norm_input=False, min_v_mem=-0.1)
    y = layer(torch.from_numpy(oracle["x"]))
    np.testing.assert_allclose(y, oracle["ExpLeak/min|rec_v_mem"], rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("case", ["IAFRecurrent", "LIFRecurrent"])
def test_recurrence(oracle: Oracle, case: str) -> None:
    neurons = IAF() if case == "IAFRecurrent" else LIF(tau_mem=10.0, dt=1.0)
    layer = Recurrent(neurons, 6)
    weight = torch.from_numpy(oracle[f"{case}|w_rec"])
    layer.weight.data = weight.T.contiguous()  # ours leads from spikes to inputs
    check(layer, oracle, case, 1.0 if case == "IAFRecurrent" else 6.0)
    assert layer.weight.grad is not None
    wanted = oracle[f"{case}|gw"]
    found = layer.weight.grad.T
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


def test_adaptation_forwards(oracle: Oracle) -> None:
    # Meant: sinabs lets no gradient from spikes to the threshold they were compared with, ours
    # follows the ratio of potential and threshold, so gradients differ. Its ALIF with a synapse
    # weighs the current it stores with 1 − α again in every step: a mistake, not repeated.
    layer = ALIF(tau_mem=10.0, tau_adapt=15.0, dt=1.0, adapt_scale=1.2, spike_threshold=0.5)
    y, state = layer.run(torch.from_numpy(oracle["x"]) * float(oracle["ALIF|xscale"]))
    np.testing.assert_array_equal(y, oracle["ALIF|y"])
    assert state.adaptation is not None
    np.testing.assert_allclose(state.v_mem, oracle["ALIF|final_v_mem"], rtol=1e-5, atol=4e-6)
    np.testing.assert_allclose(state.adaptation, oracle["ALIF|final_b"], rtol=1e-5)
