import pytest
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF
from snn.sequential import SpikingSequential


def small_net() -> SpikingSequential:
    torch.manual_seed(3)
    return SpikingSequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        IAF(min_v_mem=-1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 3 * 3, 5, bias=False),
        LIF(tau_mem=0.01, norm_input=False, spike_threshold=0.3),
    )


def frames(batch: int = 3, steps: int = 8) -> Tensor:
    rng = torch.Generator().manual_seed(0)
    return torch.poisson(torch.full((batch, steps, 2, 6, 6), 0.8), generator=rng)


def test_equals_a_loop_over_time_steps() -> None:
    net, x = small_net(), frames()
    state, outputs = None, []
    for t in range(x.shape[1]):
        y, state = net.run(x[:, t : t + 1], state)
        outputs.append(y)
    torch.testing.assert_close(torch.cat(outputs, 1), net(x))
    assert net(x).shape == (3, 8, 5)
    assert net(x).sum() > 0


def test_samples_of_a_batch_do_not_meet() -> None:
    net, x = small_net(), frames()
    torch.testing.assert_close(net(x)[1:2], net(x[1:2]))


def test_image_layout_changes_no_gradient() -> None:
    net, x = small_net(), frames()
    weights = list(net.parameters())
    ours = torch.autograd.grad(net(x).sum(), weights)
    for module in net:
        is_spiking = isinstance(module, IAF | LIF)
        x = module(x) if is_spiking else torch.stack([module(sample) for sample in x])
    plain = torch.autograd.grad(x.sum(), weights)
    for mine, theirs in zip(ours, plain, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-4)


def test_checkpoints_hold_weights_and_constants_and_no_state() -> None:
    net = small_net()
    before = sorted(net.state_dict())
    net(frames())
    assert sorted(net.state_dict()) == before
    assert not any("v_mem" in name for name in before)
    assert {"0.weight", "4.weight"} < set(before)
    assert all("weight" in name or "constants" in name for name in before)


def test_a_hidden_spiking_layer_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Sequential hides a layer with memory, IAF"):
        SpikingSequential(nn.Sequential(nn.Linear(2, 2), IAF()))


def test_states_of_another_net_are_refused() -> None:
    net = small_net()
    _, state = net.run(frames())
    with pytest.raises(InvalidInput, match="1 states for 2 layers that have one"):
        net.run(frames(), state[:1])


def test_a_module_used_twice_counts_twice() -> None:
    fire, pool = IAF(), nn.AvgPool2d(2)
    twice = SpikingSequential(pool, fire, pool, fire)
    apart = SpikingSequential(nn.AvgPool2d(2), IAF(), nn.AvgPool2d(2), IAF())
    x = 4 * torch.rand(2, 5, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    y, state = twice.run(x)
    assert y.shape == (2, 5, 1, 2, 2)
    assert torch.equal(y, apart(x))
    assert len(state) == 2
    twice.run(x, state)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (1, 5)])
def test_pooling_within_the_neurons_changes_no_number(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    net = SpikingSequential(
        nn.Conv2d(2, 6, 3, padding=1), LIF(norm_input=False), nn.AvgPool2d(2, (2, 2))
    )
    if size[0] < 2:
        with pytest.raises(RuntimeError, match="too small"):
            net(torch.ones(1, 2, 2, *size))
        return
    x = torch.randn(3, 9, 2, *size).mul(3).requires_grad_()
    *_, last = net.walk(x)
    y, states = net.run(x)
    again, _ = net.run(x[:, 4:], net.run(x[:, :4])[1])
    assert last.y.sum() > 0
    assert torch.equal(y, last.y)
    assert torch.equal(again, y[:, 4:])
    assert states[0].v_mem.shape == (3, 6, *size)
    down = torch.randn_like(y)
    inputs = [x, *net.parameters()]
    for one, other in zip(
        torch.autograd.grad(y, inputs, down),
        torch.autograd.grad(last.y, inputs, down),
        strict=True,
    ):
        assert torch.equal(one, other)
