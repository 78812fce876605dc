"""Calls as they come skip torch's dispatcher; whoever follows operators still sees them."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode

import snn
from snn.kernels.direct import Operator, differentiable, is_watched


class Following(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes which of our operators are called."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if str(func).startswith("spikelake."):
            self.seen.append(str(func).split(".")[1])
        return func(*args, **(kwargs or {}))


NETS = {
    "neurons": lambda: snn.SpikingSequential(nn.Linear(6, 5), snn.LIF(train=("tau_mem",))),
    "recurrent": lambda: snn.SpikingSequential(snn.Recurrent(snn.ALIF(), 6)),
    "pooled": lambda: snn.SpikingSequential(
        nn.Conv2d(2, 3, 3, bias=False), snn.IAF(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(12, 2)
    ),
}


def inputs(name: str) -> Tensor:
    shape = (16, 4, 2, 6, 6) if name == "pooled" else (3, 7, 6)
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    return torch.where(numbers > 1.5, numbers, 0.0) if name == "pooled" else numbers


def gradients(net: nn.Module, x: Tensor) -> list[Tensor]:
    """Return the output and the gradients to all parameters."""
    net.zero_grad()
    y = net(x)
    y.square().sum().backward()
    return [y.detach(), *(p.grad for p in net.parameters() if p.grad is not None)]


@pytest.mark.parametrize("name", NETS)
def test_numbers_are_those_of_the_operator(name: str) -> None:
    torch.manual_seed(0)
    net, x = NETS[name](), inputs(name)
    plain = gradients(net, x)
    with Following() as following:
        followed = gradients(net, x)
    assert following.seen
    assert any("backward" in one or "weight" in one for one in following.seen)
    assert len(plain) > 1
    assert all(torch.equal(a, b) for a, b in zip(plain, followed, strict=True))
    with torch.no_grad():
        assert torch.equal(net(x), plain[0])


def test_modes_tracers_and_transforms_are_noticed() -> None:
    seen: dict[str, bool] = {}

    def look(name: str) -> Callable[[Tensor], Tensor]:
        def look_at(x: Tensor) -> Tensor:
            seen[name] = is_watched(x)
            return x * 1

        return look_at

    x = torch.ones(2)
    look("plain")(x)
    look("parameter")(nn.Parameter(x))
    make_fx(look("make_fx"))(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.trace(look("traced"), x, check_trace=False)  # type: ignore[no-untyped-call]
    torch.func.vmap(look("vmap"))(x)
    grad = look("grad")
    torch.func.grad(lambda x: grad(x).sum())(x)
    with FakeTensorMode() as mode:
        look("fake")(torch.ones(2))
        unreal = mode.from_tensor(x)
    look("unreal")(unreal)
    assert seen == {name: name not in {"plain", "parameter"} for name in seen}
    assert len(seen) == 8


def test_a_gradient_of_a_gradient_is_refused() -> None:
    x = torch.ones(1, 4, 2, requires_grad=True)
    (once,) = torch.autograd.grad(snn.LIF()(x).sum(), x, create_graph=True)
    penalty = once.square().sum() + x.sum()
    with pytest.raises(RuntimeError, match=r"spikelake\.neurons_backward"):
        torch.autograd.backward(penalty)


def test_what_is_not_on_the_processor_goes_to_the_operator() -> None:
    def plain(x: Tensor) -> Tensor:
        raise AssertionError

    operator = torch.library.custom_op("spikelake_tests::elsewhere", _copy, mutates_args=())
    operator.register_fake(torch.empty_like)
    both = Operator(operator, plain)
    call = differentiable(both, both, set_up=lambda *_: None, back=plain)
    assert call(torch.ones(2, device="meta")).shape == (2,)
    with pytest.raises(AssertionError), torch.no_grad():
        call(torch.ones(2))


def _copy(x: Tensor) -> Tensor:
    return x.clone()
