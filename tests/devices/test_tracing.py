"""Modules of one's own: what they do between layers is followed, or refused by its line."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph, Merge
from eventstore.errors import InvalidInput

Forward = Callable[["Net", Tensor], object]


class Net(nn.Module):
    """Layers of every kind, and a forward that each test writes for itself."""

    def __init__(self, forward: Forward) -> None:
        super().__init__()
        self.conv, self.conv2 = nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
        self.fire, self.fire2 = snn.IAF(), snn.IAF()
        self.pool, self.norm, self.drop = nn.AvgPool2d(4), nn.BatchNorm2d(2), nn.Dropout()
        self.flatten, self.linear, self.relu = nn.Flatten(), nn.Linear(2, 3), nn.ReLU()
        self.stem = snn.SpikingSequential(nn.Conv2d(2, 2, 1), snn.IAF())
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(32, 3))
        self.offset = nn.Parameter(torch.ones(2, 4, 4))
        self._forward = forward

    def forward(self, x: Tensor) -> object:
        return self._forward(self, x)

    def first(self, x: Tensor) -> Tensor:
        """Return the spikes of the first layer, (B, T, 2, 4, 4)."""
        y: Tensor = self.fire(self.conv(x.flatten(0, 1)).unflatten(0, x.shape[:2]))
        return y

    def second(self, x: Tensor) -> Tensor:
        return self.spikes(self.conv2(x.flatten(0, 1)), x)

    def spikes(self, frames: Tensor, x: Tensor) -> Tensor:
        y: Tensor = self.fire2(frames.view(*x.shape[:2], *frames.shape[1:]))
        return y


def traced(forward: Forward) -> Graph:
    return graph_from_model(Net(forward), (2, 4, 4))


def wired(graph: Graph) -> dict[str, tuple[str, ...]]:
    return {node.name: graph.sources(node.name) for node in graph}


def plus(net: Net, x: Tensor) -> Tensor:
    y = net.first(x)
    return net.second(y) + y


def plus_equals(net: Net, x: Tensor) -> Tensor:
    y = net.first(x)
    z = net.second(y)
    z += y
    return z


def torch_add(net: Net, x: Tensor) -> Tensor:
    y = net.first(x)
    return torch.add(net.second(y), y)


def builtin_sum(net: Net, x: Tensor) -> Tensor:
    y = net.first(x)
    total = sum([net.second(y), y])
    assert isinstance(total, Tensor)
    return total


@pytest.mark.parametrize("forward", [plus, plus_equals, torch_add, builtin_sum])
def test_every_way_to_add_is_a_merge(forward: Forward) -> None:
    graph = traced(forward)
    assert wired(graph) == {
        "conv": (),
        "fire": ("conv",),
        "conv2": ("fire",),
        "fire2": ("conv2",),
        "merge": ("fire2", "fire"),
    }
    assert isinstance(graph["merge"], Merge)


def reshapes(net: Net, x: Tensor) -> Tensor:
    batch, time, *frame = x.shape
    assert x.ndim == 5  # what a user checks of shapes is true
    y = net.conv(x.view(-1, *frame))
    y = net.norm(net.drop(y)).reshape(batch, time, *y.shape[1:])
    y = nn.functional.dropout(net.fire(y), 0.5, net.training)
    y = net.pool(y.flatten(0, 1)).squeeze(-1).squeeze(-1).unsqueeze(1).squeeze(1)
    return net.spikes(net.linear(y), x)


def test_axes_of_size_one_dropout_and_norm_disappear() -> None:
    graph = traced(reshapes)
    assert wired(graph) == {
        "conv": (),
        "fire": ("conv",),
        "pool": ("fire",),
        "linear": ("pool",),
        "fire2": ("linear",),
    }
    assert (graph["pool"].output_shape, graph["linear"].input_shape) == ((2, 1, 1), (2,))


def containers(net: Net, x: Tensor) -> Tensor:
    y = net.stem(x)
    y, _ = net.fire.run(y)
    return net.spikes(net.head(y.flatten(0, 1)), x)


def test_chains_within_keep_their_paths_and_run_is_followed() -> None:
    assert list(wired(traced(containers))) == [
        "stem.0",
        "stem.1",
        "fire",
        "flatten",
        "head.1",
        "fire2",
    ]


def test_a_layer_that_is_called_twice_is_two_nodes() -> None:
    graph = traced(lambda net, x: net.first(net.first(x)))
    assert list(wired(graph)) == ["conv", "fire", "conv#2", "fire#2"]


def test_what_leads_nowhere_is_left_out() -> None:
    def forward(net: Net, x: Tensor) -> Tensor:
        y = net.first(x)
        net.second(y)
        return y

    assert list(wired(traced(forward))) == ["conv", "fire"]


def test_the_model_is_left_as_it_was() -> None:
    net = Net(plus)
    net.norm.eval()
    graph_from_model(net, (2, 4, 4))
    assert net.training
    assert not net.norm.training
    assert net(torch.ones(1, 3, 2, 4, 4)).shape == (1, 3, 2, 4, 4)
    with pytest.raises(InvalidInput):
        graph_from_model(net, (3, 4, 4))
    assert not any({"forward", "run"} & set(module.__dict__) for module in net.modules())


def test_a_container_of_frames_within_a_chain_is_traced_too() -> None:
    class Frames(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            y: Tensor = self.a(x) + self.b(x)
            return y

    graph = graph_from_model(snn.SpikingSequential(Frames(), snn.IAF()), (2, 4, 4))
    assert wired(graph) == {"0.a": (), "0.b": (), "0.merge": ("0.a", "0.b"), "1": ("0.merge",)}


def aliased(net: Net, x: Tensor) -> Tensor:
    y = net.first(x)
    frames = y.flatten(0, 1)
    y += net.second(y)
    return net.spikes(net.conv2(frames), x)


def unequal(net: Net, x: Tensor) -> Tensor:
    y: Tensor = net.first(x) + net.pool(x.flatten(0, 1)).unflatten(0, x.shape[:2])
    return y


def with_state(net: Net, x: Tensor) -> Tensor:
    y, _ = net.fire.run(x, snn.State(torch.zeros(1)))
    return y


REFUSED: list[tuple[Forward, str, str]] = [
    (lambda net, x: torch.relu(net.first(x)), "relu has no counterpart on a chip", "IAF neurons"),
    (lambda net, x: net.first(x) * 2, "has no counterpart on a chip", "modules of torch.nn"),
    (lambda net, x: net.first(x).permute(0, 2, 1, 3, 4), "permute has no counterpart", "modules"),
    (lambda net, x: net.first(x)[:, 0], "__getitem__ has no counterpart", "modules"),
    (lambda net, x: torch.cat([x, net.first(x)], 2), "cat has no counterpart", "modules"),
    (lambda net, x: net.first(x) + 1, "adds a number", "the bias of a layer"),
    (lambda net, x: net.first(x) + net.offset, "adds a tensor that no layer made", "the bias"),
    (lambda net, x: net.conv(x[0:]), "__getitem__", "modules"),
    (unequal, "of unequal shapes, (2, 4, 4) and (2, 1, 1)", "same number"),
    (lambda net, x: x + x, "adds something to itself", "double the weights"),
    (lambda net, x: x.flatten(0, 2), "mixes samples or time steps with features", "(B, T, …)"),
    (lambda net, x: x.flatten(2, 3), "makes (8, 4) of (2, 4, 4)", "flatten all"),
    (lambda net, x: net.relu(net.first(x)), "module 'relu' (ReLU) cannot go on a chip", "build"),
    (lambda net, x: net.conv(x), "'conv' (Conv2d)", "x.flatten(0, 1) before it"),
    (lambda net, x: net.fire(x.flatten(0, 1)), "takes (B, T, …), not what", "unflatten"),
    (lambda net, x: net.fire(torch.ones(3, 4, 2)), "calls it with something else", "one tensor"),
    (lambda net, x: x if net.first(x).sum() > 0 else net.first(x), "sum has no count", "modules"),
    (lambda net, x: (net.first(x), x), "returns 2 values, a network has one output", "last layer"),
    (lambda net, x: torch.zeros(3), "returns no tensor of it", "last layer"),
    (lambda net, x: net.first(x).view(7, 9), "view fails: shape '[7, 9]'", "check input_shape"),
    (aliased, "uses what was changed in place before", "y = y + x"),
    (with_state, "carries a state from one run to the next", "all time steps at once"),
]


@pytest.mark.parametrize(("forward", "message", "hint"), REFUSED)
def test_what_has_no_counterpart_is_refused(forward: Forward, message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        traced(forward)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_refusal_tells_the_line_of_source() -> None:
    def forward(net: Net, x: Tensor) -> Tensor:
        return torch.sigmoid(net.first(x))

    line = forward.__code__.co_firstlineno + 1
    with pytest.raises(InvalidInput, match=f"^test_tracing.py:{line} `return torch.sigmoid"):
        traced(forward)


@pytest.mark.parametrize("ask", [bool, int, float, Tensor.item, Tensor.tolist, Tensor.numpy])
def test_numbers_that_decide_what_happens_are_refused(ask: Callable[[Tensor], object]) -> None:
    with pytest.raises(InvalidInput, match=r"asks for numbers, a chip cannot decide"):
        traced(lambda net, x: net.first(x) if ask(x) else x)


def test_a_subclass_that_computes_something_else_is_refused() -> None:
    class Standardised(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 2

    with pytest.raises(InvalidInput, match="computes something else than Conv2d"):
        graph_from_model(nn.Sequential(Standardised(2, 2, 1)), (2, 4, 4))
