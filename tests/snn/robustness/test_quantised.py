"""Rounded forwards are those of integers computed by hand; gradients are those of the floats."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from eventstore.errors import NotFound
from snn.layers import IAF, CubaLIF, Recurrent
from snn.robustness.integer_rule import SPECK, XYLO, IntegerRule
from snn.robustness.quantised import (
    QuantisedTraining,
    in_integers,
    round_straight,
    run_quantised,
    scales_of,
)
from snn.robustness.stages import stages_of
from snn.sequential import SpikingSequential
from snn.surrogate import ArcTan

FINE = IntegerRule(name="fine", weight_bits=22, state_bits=24)
"""So many bits that rounding hardly matters."""


def speck_net(seed: int = 0, *, train: tuple[str, ...] = ()) -> SpikingSequential:
    torch.manual_seed(seed)
    return SpikingSequential(
        nn.Conv2d(2, 3, 3),
        IAF(min_v_mem=-1.0, train=train, surrogate=ArcTan()),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 4),
        IAF(min_v_mem=-1.0, surrogate=ArcTan()),
    )


def frames(seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 3, (2, 7, 2, 6, 6), generator=rng).float()


@given(value=st.floats(-(2.0**22), 2.0**22, width=32))
def test_rounding_is_exact_and_its_gradient_one(value: float) -> None:
    x = torch.tensor(value, requires_grad=True)
    y = round_straight(x)
    assert float(y.detach()) == round(value)  # halves to the even one, as Python's
    (grad,) = torch.autograd.grad(y, x)
    assert float(grad) == 1.0


@pytest.mark.parametrize("train", [(), ("spike_threshold",)], ids=["fixed", "trained"])
def test_all_that_the_network_adds_and_compares_is_whole(train: tuple[str, ...]) -> None:
    net = in_integers(speck_net(train=train), SPECK)
    for passage in net.walk(frames()):
        if passage.state is not None:
            potentials = passage.state.v_mem.detach()
            assert torch.equal(potentials, potentials.round())
            threshold = passage.module.rows()["spike_threshold"].detach()  # type: ignore[operator]
            assert float(threshold) == round(float(threshold)) > 1


def test_xylo_has_one_scale_for_hidden_layers_and_one_for_the_last() -> None:
    neurons = {"tau_syn": 0.008, "tau_mem": 0.016, "bit_shift": True}
    net = SpikingSequential(
        nn.Linear(2, 3, bias=False),
        CubaLIF(spike_threshold=0.5, **neurons),  # type: ignore[arg-type]
        nn.Linear(3, 3, bias=False),
        Recurrent(CubaLIF(**neurons), 3),  # type: ignore[arg-type]
        nn.Linear(3, 2, bias=False),
        CubaLIF(**neurons),  # type: ignore[arg-type]
    )
    for index, largest in ((0, 0.5), (2, 0.25), (3, 2.0), (4, 0.1)):
        nn.init.constant_(net[index].weight, 0.05)  # type: ignore[arg-type]
        net[index].weight.data[0, 0] = -largest  # type: ignore[operator]
    scales = [float(scale) for scale in scales_of(stages_of(net, XYLO), XYLO)]
    assert scales == pytest.approx([127 / 2.0, 127 / 2.0, 127 / 0.1])
    rounded = in_integers(net, XYLO)
    thresholds = [float(rounded[i].rows()["spike_threshold"]) for i in (1, 3, 5)]  # type: ignore[operator]
    assert thresholds == [32.0, 64.0, 1270.0]


def test_a_threshold_of_more_than_16_bits_takes_the_scale_down() -> None:
    net = SpikingSequential(
        nn.Linear(1, 1, bias=False), CubaLIF(spike_threshold=1e4, bit_shift=True)
    )
    net[0].weight.data.fill_(1.0)  # type: ignore[operator]
    (scale,) = scales_of(stages_of(net, XYLO), XYLO)
    assert float(scale) == pytest.approx(3.2767)


def test_without_rounding_gradients_are_those_of_the_network() -> None:
    model, x = speck_net(3), frames(3)
    plain = torch.autograd.grad(model(x).sum(), list(model.parameters()))
    fine = torch.autograd.grad(run_quantised(model, x, FINE).sum(), list(model.parameters()))
    for one, other in zip(fine, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_thresholds_are_trained_through_rounding() -> None:
    model = speck_net(train=("spike_threshold",))
    torch.autograd.backward(run_quantised(model, frames(), SPECK).sum())
    grads = {name: p.grad for name, p in model.named_parameters()}
    assert all(grad is not None and grad.isfinite().all() for grad in grads.values())
    found = grads["1.constants.log_spike_threshold"]
    assert found is not None
    assert found.abs() > 0


def test_nothing_of_the_network_changes() -> None:
    model = speck_net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    neurons, modules = model[1].neuron, list(model)
    objective = QuantisedTraining(rule="speck")
    loss = objective(model, frames(), torch.tensor([0, 3]), lambda output: output.sum(1))
    torch.autograd.backward(loss)
    assert list(model) == modules
    assert model[1].neuron is neurons
    assert list(model.state_dict()) == list(before)
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())


def test_a_rule_that_is_none_is_refused() -> None:
    with pytest.raises(NotFound, match=r"speck"):
        QuantisedTraining(rule="spec")
