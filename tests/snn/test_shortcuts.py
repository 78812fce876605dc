from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from snn import shortcuts, sparse_inputs
from snn.kernels.convolved import FEWEST_SAMPLES
from snn.layers import IAF, LIF
from snn.sequential import SpikingSequential
from snn.shortcuts import run_first


@pytest.fixture
def small_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let layers of any size skip zeros."""
    monkeypatch.setattr(sparse_inputs, "LEAST_PRODUCTS", 0)


def net_of_each_kind() -> SpikingSequential:
    torch.manual_seed(0)
    return SpikingSequential(
        nn.Conv2d(2, 6, 3),
        LIF(tau_mem=0.01, norm_input=False, train=("tau_mem", "spike_threshold")),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 4, 3, padding=1, bias=False),
        IAF(min_v_mem=-1.0),
        nn.Flatten(),
        nn.Linear(4 * 5 * 5, 5),
        LIF(tau_mem=0.01, norm_input=False, spike_threshold=0.3),
    )


def frames(*, batch: int = FEWEST_SAMPLES, rate: float = 0.012) -> Tensor:
    rng = torch.Generator().manual_seed(0)
    return 20 * (torch.rand(batch, 8, 2, 12, 12, generator=rng) < rate).float()


def runs(net: SpikingSequential, x: Tensor) -> Iterator[int]:
    """Iterate over how many modules were run as one."""
    modules: list[nn.Module] = [*net]
    while modules:
        second, third, *_ = (*modules[1:], None, None)
        x, _, taken = run_first((modules[0], second, third), x, iter([None]))
        del modules[:taken]
        yield taken


@pytest.mark.usefixtures("small_nets")
def test_numbers_are_those_of_module_by_module() -> None:
    net, x = net_of_each_kind(), frames()
    assert next(runs(net, x)) == 3
    *_, last = net.walk(x)
    y, state = net.run(x)
    assert y.sum() > 0
    assert torch.equal(y, last.y)
    assert [one.v_mem.shape[1:] for one in state] == [(6, 10, 10), (4, 5, 5), (5,)]
    again, _ = net.run(x[:, 3:], net.run(x[:, :3])[1])
    torch.testing.assert_close(again, y[:, 3:])
    down = torch.randn_like(y)
    learn = list(net.parameters())
    for mine, true in zip(
        torch.autograd.grad(y, learn, down), torch.autograd.grad(last.y, learn, down), strict=True
    ):
        torch.testing.assert_close(mine, true, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("small_nets")
@pytest.mark.parametrize("why", ["few samples", "dense", "learnt input", "watched", "autocast"])
def test_who_cannot_be_run_as_one_is_not(why: str) -> None:
    net, x = net_of_each_kind(), frames()
    if why == "few samples":
        x = x[:-1]
    if why == "dense":
        x = frames(rate=0.5)
    if why == "learnt input":
        x.requires_grad_()
    if why == "watched":
        net[0].register_forward_hook(lambda *_: None)
    with torch.autocast("cpu", torch.bfloat16, enabled=why == "autocast"):
        assert next(runs(net, x)) == 1


def test_a_dense_layer_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[nn.Module] = []

    def look(module: nn.Module, x: Tensor) -> None:
        asked.append(module)
        del x

    monkeypatch.setattr(shortcuts, "skipping_zeros", look)
    monkeypatch.setattr(sparse_inputs, "skipping_zeros", look)
    net = net_of_each_kind()
    net(frames())
    assert [[*net].index(module) for module in asked if isinstance(module, nn.Conv2d)] == [0, 3]


@pytest.mark.usefixtures("small_nets")
def test_compiles_without_a_break() -> None:
    net, x = net_of_each_kind(), frames()
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), net(x))
