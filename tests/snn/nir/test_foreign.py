from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, CubaLIF, ExpLeak, ParallelLIF, Recurrent
from snn.nir.foreign import arrays_of, foreign_layer, recurrent_layer, tensor_of
from snn.nir.nodes import IF, LI, Affine, CubaLI, I, Linear, Node, Scale, Threshold
from snn.nir.nodes import LIF as LIFNode
from snn.nir.nodes import CubaLIF as CubaLIFNode
from snn.nir.wiring import Link
from snn.nir.writers import NIR, WRITERS
from snn.sequential import SpikingSequential

DT = 0.001
ONE = np.ones(3)
LEAK: dict[str, Any] = {"tau": 0.005 * ONE, "r": 2.0, "v_leak": 0.0}
CUBA: dict[str, Any] = {
    "tau_mem": 0.005 * ONE,
    "tau_syn": 0.003,
    "r": 2.0,
    "v_leak": 0.0,
    "w_in": 5,
}
FIRE: dict[str, Any] = {"v_threshold": 1.0, "v_reset": 0.0}
SPIKES = Threshold(threshold=0.7 * ONE)
NODES: list[tuple[Node, Threshold | None, type]] = [
    (IF(r=[300.0, 700.0, 900.0], v_threshold=1.0, v_reset=-0.5), None, IAF),  # type: ignore[arg-type]
    (LIFNode(**LEAK, **FIRE), None, LIF),
    (LIFNode(**LEAK | {"v_leak": 0.2}, v_threshold=1.0, v_reset=0.1), None, LIF),  # type: ignore[arg-type]
    (LIFNode(**LEAK | {"r": 1.0}, v_threshold=ONE, v_reset=None), None, LIF),
    (CubaLIFNode(**CUBA, **FIRE), None, CubaLIF),
    (LI(**LEAK), None, ExpLeak),
    (LI(**LEAK), SPIKES, ParallelLIF),
    (CubaLI(**CUBA), SPIKES, CubaLIF),
    (I(r=300 * ONE), SPIKES, IAF),
]


@pytest.mark.parametrize(("node", "threshold", "kind"), NODES, ids=lambda v: str(v)[:30])
def test_neurons_compute_what_nir_means(
    node: Node, threshold: Threshold | None, kind: type, solve: Any
) -> None:
    parts = foreign_layer(Link(name="n", node=node, threshold=threshold), NIR, DT)
    assert parts[-1][0] == "n"
    assert type(parts[-1][1]) is kind
    net = SpikingSequential(*(module for _, module in parts)).double()
    x = np.random.default_rng(3).normal(0.5, 1.0, (300, 3))
    rest = float(np.mean(getattr(node, "v_leak", 0.0)))
    shifted = _from_rest(node, threshold, rest)
    y = net(torch.from_numpy(x)[None])[0].detach().numpy()
    meant = solve(x, shifted[0], DT, threshold=shifted[1])
    assert y.any()
    assert np.allclose(y, meant, atol=1e-6) or (y != meant).mean() < 0.01


def _from_rest(node: Node, threshold: Threshold | None, rest: float) -> tuple[Node, Any]:
    """Return the same neurons counted from rest, where layers of ours begin."""
    if not rest:
        return node, threshold
    arrays: dict[str, Any] = dict(arrays_of(node))
    for name in ("v_leak", "v_threshold", "v_reset"):
        arrays[name] = arrays[name] - rest
    return type(node)(**arrays), threshold


@given(tau=st.floats(1e-3, 1.0), r=st.floats(0.1, 50.0), dt=st.floats(1e-4, 5e-3))
@settings(max_examples=40, deadline=None)
def test_a_resistance_becomes_a_factor_where_it_is_not_one(tau: float, r: float, dt: float) -> None:
    node = LIFNode(tau=tau * ONE, r=r, v_leak=0.0, v_threshold=1.0)  # type: ignore[arg-type]
    *scale, (_, layer) = foreign_layer(Link(name="n", node=node), NIR, dt)
    assert isinstance(layer, LIF)
    gain = float((layer.rows().get("gain", torch.ones(()))).max())
    factor = float(scale[0][1].state_dict()["scale"].max()) if scale else 1.0
    assert gain * factor == pytest.approx(r * -np.expm1(-dt / tau), rel=1e-3)
    assert scale or layer.norm_input == (r == pytest.approx(1, rel=1e-6)) or factor == 1.0


def test_constants_that_all_share_become_one_number() -> None:
    ((_, layer),) = foreign_layer(
        Link(name="n", node=LIFNode(**LEAK | {"r": 1.0}, **FIRE)), NIR, DT
    )
    assert isinstance(layer, LIF)
    assert layer.constants["tau_mem"].shape == ()
    assert (layer.neuron.reset, layer.neuron.max_spikes) == ("set", 1)


@pytest.mark.parametrize(
    ("node", "threshold", "writer", "said"),
    [
        (I(r=ONE), None, None, "integrates without a leak or spikes"),
        (CubaLI(**CUBA), None, None, "has a synapse and never spikes"),
        (LI(**LEAK | {"v_leak": 0.5}), None, None, "v_leak is 0.5, and integrators of ours"),
        (LIFNode(**LEAK, v_threshold=1.0, v_reset=[0.0, 0.1, 0.2]), None, None, r"0 … 0\.2 above"),  # type: ignore[arg-type]
        (LIFNode(**LEAK, v_threshold=-1.0), None, None, "is not positive"),  # type: ignore[arg-type]
        (LIFNode(**LEAK | {"tau": -ONE}, **FIRE), None, None, "a time constant is -1 s"),
        (
            LIFNode(**LEAK | {"r": 1.0, "tau": 10 * ONE}, v_threshold=1.0, v_reset=0.5),  # type: ignore[arg-type]
            None,
            "sinabs",
            "v_reset is 0.5, and its writer subtracts",
        ),
    ],
)
def test_neurons_that_no_layer_is_are_refused(
    node: Node, threshold: Threshold | None, writer: str | None, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        foreign_layer(
            Link(name="n", node=node, threshold=threshold), WRITERS[writer] if writer else NIR, DT
        )
    assert caught.value.hint


def test_what_scales_the_input_scales_what_comes_back() -> None:
    weight = np.arange(9.0).reshape(3, 3)
    node = IF(r=[1000.0, 2000.0, 3000.0], v_threshold=1.0)  # type: ignore[arg-type]
    link = Link(name="n", node=node, feedback=Linear(weight=weight))
    (_, scale), (_, layer) = foreign_layer(link, NIR, DT)
    assert isinstance(layer, Recurrent)
    assert scale.state_dict()["scale"].tolist() == [1, 2, 3]
    assert layer.weight.T.tolist() == (weight * [[1], [2], [3]]).tolist()
    flat = IF(r=np.full((2, 2), 1000.0), v_threshold=1.0)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=r"recurrent neurons of shape \(2, 2\)"):
        foreign_layer(Link(name="n", node=flat, feedback=Linear(weight=weight)), NIR, DT)


def test_ways_back_are_weights_of_the_right_shape_without_a_bias() -> None:
    found = recurrent_layer(IAF(), Scale(scale=np.array([1.0, 2.0])), 2)
    assert found.weight.tolist() == [[1, 0], [0, 2]]
    quiet = Affine(weight=np.eye(2), bias=np.zeros(2))
    assert recurrent_layer(IAF(), quiet, 2).weight.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(InvalidInput, match="the way back adds a bias"):
        recurrent_layer(IAF(), Affine(weight=np.eye(2), bias=np.ones(2)), 2)
    with pytest.raises(InvalidInput, match=r"is \(2, 2\), for 3 neurons \(3, 3\)"):
        recurrent_layer(IAF(), Linear(weight=np.eye(2)), 3)


def test_arrays_are_found_by_name_and_tensors_are_copies() -> None:
    node = LI(**LEAK)
    assert sorted(arrays_of(node)) == ["r", "tau", "v_leak"]
    tensor = tensor_of(node.tau)
    tensor[0] = 9
    assert node.tau[0] == 0.005
