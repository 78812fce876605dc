from dataclasses import FrozenInstanceError

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput
from snn.activity_loss import RateLoss, SynopsLoss
from snn.dpi.layer import DPI
from snn.layers import IAF
from snn.sequential import SpikingSequential
from snn.surrogate import SingleExponential
from snn.synops import synaptic_operations


def make_net() -> SpikingSequential:
    torch.manual_seed(3)
    slope = SingleExponential()
    conv = nn.Conv2d(1, 4, 3, padding=1)
    nn.init.uniform_(conv.weight, 0.0, 0.4)
    return SpikingSequential(
        conv,
        IAF(surrogate=slope),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 5),
        IAF(surrogate=slope),
    )


@torch.no_grad()
def spent(net: SpikingSequential, x: torch.Tensor) -> float:
    return sum(float(each.mean()) for each in synaptic_operations(net.walk(x)).values())


def test_training_brings_operations_down_to_the_target() -> None:
    net, x = make_net(), torch.rand(4, 8, 1, 6, 6)
    of_input = float(synaptic_operations(net.walk(x))["0"].mean())  # no weights change that
    before = spent(net, x)
    target = of_input + 0.5 * (before - of_input)
    optimiser = torch.optim.Adam(net.parameters(), 0.003)
    for _ in range(60):
        optimiser.zero_grad()
        torch.autograd.backward(SynopsLoss(target=target)(net.walk(x)))
        optimiser.step()
    assert spent(net, x) <= 1.05 * target
    assert spent(net, x) < 0.8 * before


def test_a_step_down_the_gradient_spends_less() -> None:
    net, x = make_net(), torch.rand(4, 8, 1, 6, 6)
    before = spent(net, x)
    torch.autograd.backward(SynopsLoss(target=before / 10)(net.walk(x)))
    norm = nn.utils.get_total_norm([p.grad for p in net.parameters() if p.grad is not None])
    assert norm > 0
    torch.optim.SGD(net.parameters(), 0.02 / float(norm)).step()
    assert spent(net, x) < before


@pytest.mark.parametrize(
    ("target", "only_above", "expected"),
    [(12.0, True, 1.0), (48.0, True, 0.0), (48.0, False, 0.25), (24.0, False, 0.0)],
)
def test_the_loss_is_the_excess_squared(
    target: float,
    only_above: bool,
    expected: float,
) -> None:
    net = SpikingSequential(nn.Linear(3, 2), IAF())
    loss = SynopsLoss(target=target, only_above=only_above)(net.walk(torch.ones(2, 4, 3)))
    assert loss.item() == expected
    assert loss.dtype == torch.float32


def test_rates_between_the_bounds_cost_nothing() -> None:
    net = SpikingSequential(IAF())
    x = torch.tensor([[[0.2, 1.0, 3.0]]]).expand(2, 10, 3)
    rates = net(x).mean((0, 1))
    assert rates.tolist() == pytest.approx([0.2, 1.0, 3.0])
    assert RateLoss(lowest=0.1, highest=3.5)(net.walk(x)).item() == 0.0
    outside = RateLoss(lowest=0.5, highest=2.0)(net.walk(x)).item()
    assert outside == pytest.approx((0.3**2 + 1.0**2) / 3, rel=1e-5)


def test_layers_count_alike_whatever_their_sizes() -> None:
    net = SpikingSequential(IAF(), nn.AvgPool1d(4), IAF())
    assert RateLoss(highest=0.0)(net.walk(torch.ones(1, 5, 1, 4))).item() == 1.0


@pytest.mark.parametrize(("weight", "lowest", "highest"), [(0.05, 0.4, 1.0), (1.0, 0.0, 0.5)])
def test_training_brings_rates_into_the_bounds(
    weight: float, lowest: float, highest: float
) -> None:
    linear = nn.Linear(4, 6, bias=False)
    nn.init.constant_(linear.weight, weight)
    net = SpikingSequential(linear, IAF(surrogate=SingleExponential()))
    x = torch.rand(8, 20, 4)
    loss = RateLoss(lowest=lowest, highest=highest)
    before = loss(net.walk(x)).item()
    optimiser = torch.optim.Adam(net.parameters(), 0.02)
    for _ in range(80):
        optimiser.zero_grad()
        torch.autograd.backward(loss(net.walk(x)))
        optimiser.step()
    assert loss(net.walk(x)).item() < 0.05 * before


@pytest.mark.parametrize("target", [0.0, -3.0, float("nan")])
def test_a_target_that_is_none_is_refused(target: float) -> None:
    with pytest.raises(InvalidInput, match="are not above 0") as info:
        SynopsLoss(target=target)
    assert "evaluate" in info.value.hint


@pytest.mark.parametrize(("lowest", "highest"), [(-0.1, 1.0), (0.5, 0.4)])
def test_crossed_bounds_are_refused(lowest: float, highest: float) -> None:
    with pytest.raises(InvalidInput, match="no range from 0 up"):
        RateLoss(lowest=lowest, highest=highest)


def test_networks_without_synapses_or_neurons_are_refused() -> None:
    x = torch.ones(1, 2, 3)
    with pytest.raises(InvalidInput, match="no layer of the network has synapses"):
        SynopsLoss(target=1)(SpikingSequential(IAF()).walk(x))
    with pytest.raises(InvalidInput, match="no layer of the network spikes"):
        RateLoss()(SpikingSequential(nn.Linear(3, 2)).walk(x))


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        RateLoss().highest = 2.0  # type: ignore[misc]


def test_rates_of_mixed_signal_neurons_are_bounded_as_well() -> None:
    net = SpikingSequential(nn.Identity(), DPI())
    x = torch.full((1, 50, 2), 4.0)
    rate = net(x).mean()
    assert rate > 0
    loss = RateLoss(highest=0.0)(net.walk(x))
    assert float(loss) == pytest.approx(float(rate) ** 2)
