import copy
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch

from eventstore.errors import InvalidInput
from snn.dynamics import Dynamics
from snn.layers import IAF, LIF, ExpLeak, State, decay, memory_order
from snn.surrogate import Heaviside, PeriodicExponential, SingleExponential

Oracle: TypeAlias = dict[str, np.ndarray]

SURROGATE = {
    "single_exp": SingleExponential(),
    "periodic_exp": PeriodicExponential(),
    "heaviside": Heaviside(width=1.0),
}


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_shape_is_kept_for_any_number_of_axes(rng: torch.Generator) -> None:
    for shape in [(2, 5, 3), (2, 5, 3, 4), (2, 5, 3, 4, 6)]:
        x = torch.randn(shape, generator=rng) + 0.5
        flat, _ = IAF().run(x.flatten(2))
        assert torch.equal(IAF()(x), flat.view(shape))


def test_channels_last_input_gives_the_same_and_stays_channels_last(rng: torch.Generator) -> None:
    x = torch.randn(2, 7, 3, 4, 5, generator=rng) + 0.3
    frames = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    there = frames.view(2, 7, 3, 4, 5).requires_grad_()
    y, state = LIF(tau_mem=0.01).run(there, State(torch.full((2, 3, 4, 5), 0.2)))
    y_ref, state_ref = LIF(tau_mem=0.01).run(x, State(torch.full((2, 3, 4, 5), 0.2)))
    assert torch.equal(y, y_ref)
    assert torch.equal(state.v_mem, state_ref.v_mem)
    assert y.stride() == there.stride()
    assert memory_order(there) == [0, 1, 3, 4, 2]


def test_state_carries_over_and_batches_cannot_leak(rng: torch.Generator) -> None:
    x = torch.randn(3, 20, 4, generator=rng) + 0.4
    layer = IAF(min_v_mem=-1.0)
    whole = layer(x)
    first, state = layer.run(x[:, :9])
    second, _ = layer.run(x[:, 9:], state)
    assert torch.equal(torch.cat([first, second], 1), whole)
    assert torch.equal(layer(x), whole)
    with pytest.raises(InvalidInput, match="does not fit") as caught:
        layer.run(x[:2], state)
    assert "state=None" in caught.value.hint


def test_state_is_never_saved_and_layers_copy() -> None:
    layer = LIF(surrogate=Heaviside())
    layer(torch.ones(1, 3, 2))
    assert layer.state_dict() == {}
    assert copy.deepcopy(layer).dynamics == layer.dynamics


def test_fields_may_change_later() -> None:
    layer = IAF()
    layer.spike_threshold = 2.0
    assert layer(torch.full((1, 4, 1), 1.0)).sum() == 2


def test_double_precision_takes_the_reference() -> None:
    assert LIF()(torch.ones(1, 5, 2, dtype=torch.float64)).dtype == torch.float64


def test_input_without_time_is_refused() -> None:
    with pytest.raises(InvalidInput, match="batch, time"):
        IAF()(torch.ones(3, 4))
    with pytest.raises(InvalidInput, match="batch, time"):
        IAF()(torch.ones(3, 0, 4))


def test_time_constants_are_seconds() -> None:
    assert decay(0.02, 0.001) == pytest.approx(np.exp(-1 / 20))
    with pytest.raises(InvalidInput, match="positive") as caught:
        LIF(tau_mem=0.0)
    assert "seconds" in caught.value.hint


def test_repr_names_the_fields() -> None:
    assert "spike_threshold=1.0" in repr(IAF())


@pytest.fixture(scope="module")
def oracle(shared_oracles: Path) -> Oracle:
    return dict(np.load(shared_oracles / "sinabs_layers.npz"))


def peer_layer(case: str, tau_mem: float) -> IAF | LIF:
    neuron, reset, spikes, bound, surrogate = case.split("/")
    fields: dict[str, Any] = {
        "spike_threshold": 0.8,
        "reset": "subtract" if reset == "sub" else "zero",
        "spikes": spikes,
        "min_v_mem": {"none": None, "m05": -0.5}[bound],
        "surrogate": SURROGATE[surrogate],
    }
    return IAF(**fields) if neuron == "IAF" else LIF(tau_mem=tau_mem, dt=1.0, **fields)


PEER_CASES = [
    f"{neuron}/{rest}"
    for neuron in ("IAF", "LIF")
    for rest in (
        "sub/multi/none/single_exp",
        "sub/multi/none/periodic_exp",
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


@pytest.mark.parametrize("case", PEER_CASES)
def test_forward_equals_sinabs(oracle: Oracle, case: str) -> None:
    layer = peer_layer(case, tau_mem=10.0)
    x = torch.from_numpy(oracle["x"]) * float(oracle[f"{case}|xscale"])
    y, state = layer.run(x)
    np.testing.assert_array_equal(y, oracle[f"{case}|y"])
    np.testing.assert_allclose(state.v_mem, oracle[f"{case}|final_v_mem"], rtol=1e-5, atol=2e-6)


# Intended difference: sinabs compares spikes with zero when it resets to zero, which cuts the
# gradient there; ours flows through the reset, as through the subtracting one.
@pytest.mark.parametrize("case", [case for case in PEER_CASES if "/sub/" in case])
def test_input_gradient_equals_sinabs(oracle: Oracle, case: str) -> None:
    layer = peer_layer(case, tau_mem=10.0)
    x = torch.from_numpy(oracle["x"]) * float(oracle[f"{case}|xscale"])
    y = layer(x.requires_grad_())
    (ours,) = torch.autograd.grad(y, x, torch.from_numpy(oracle["grad_out"]))
    np.testing.assert_allclose(ours, oracle[f"{case}|gx"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", ["ExpLeak", "ExpLeak/nonorm"])
def test_leak_equals_sinabs(oracle: Oracle, case: str) -> None:
    # Intended difference: our ExpLeak weighs its input with 1 − α by default, as LIF does.
    x = torch.from_numpy(oracle["x"]).requires_grad_()
    y = ExpLeak(tau_mem=10.0, dt=1.0, norm_input=False)(x)
    (ours,) = torch.autograd.grad(y, x, torch.from_numpy(oracle["grad_out"]))
    np.testing.assert_allclose(y.detach(), oracle[f"{case}|y"], rtol=1e-5, atol=2e-6)
    np.testing.assert_allclose(ours, oracle[f"{case}|gx"], rtol=1e-5, atol=1e-5)


def test_bounded_leak_equals_the_state_of_sinabs(oracle: Oracle) -> None:
    # Intended difference: sinabs bounds the state only, and outputs the potential before that.
    layer = ExpLeak(tau_mem=10.0, dt=1.0, norm_input=False, min_v_mem=-0.1)
    y = layer(torch.from_numpy(oracle["x"]))
    np.testing.assert_allclose(y, oracle["ExpLeak/min|rec_v_mem"], rtol=1e-5, atol=2e-6)


def test_unnormalised_leak_equals_sinabs(oracle: Oracle) -> None:
    x = torch.from_numpy(oracle["x"])
    y, state = LIF(tau_mem=10.0, dt=1.0, spike_threshold=0.8, norm_input=False).run(x)
    np.testing.assert_array_equal(y, oracle["LIF/nonorm|y"])
    np.testing.assert_allclose(state.v_mem, oracle["LIF/nonorm|final_v_mem"], rtol=1e-5, atol=2e-6)


def test_iaf_is_a_leak_of_one() -> None:
    assert IAF().dynamics == Dynamics(alpha=1.0)
