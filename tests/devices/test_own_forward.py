"""What a module does beside what it is, is followed or refused, never left out."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils import prune

import snn
from devices.graph import graph_from_model
from devices.own_forward import has_own_forward
from eventstore.errors import InvalidInput
from tests.devices.graph_in_torch import run_graph


class Doubled(nn.Conv2d):
    """A convolution of twice its weights."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * nn.Conv2d.forward(self, x)


class Skipping(nn.Sequential):
    """A chain that is skipped by its input."""

    def forward(self, x: Tensor) -> Tensor:
        inside: Tensor = nn.Sequential.forward(self, x)  # type: ignore[no-untyped-call]
        return x + inside


class Calling(nn.Module):
    """A module of one's own around a layer."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y


def test_hooks_are_refused_by_name_wherever_they_are() -> None:
    net = snn.SpikingSequential(nn.Conv2d(2, 4, 3), snn.IAF())
    assert len(graph_from_model(net, (2, 8, 8))) == 2
    for module, name in ((net[0], "0"), (net[1], "1"), (net, "model")):
        for register in (module.register_forward_hook, module.register_forward_pre_hook):
            handle = register(lambda *_: None)
            with pytest.raises(InvalidInput, match=f"module '{name}' .* has forward hooks"):
                graph_from_model(net, (2, 8, 8))
            handle.remove()
    handle = register_module_forward_hook(lambda *_: None)
    with pytest.raises(InvalidInput, match="on all modules"):
        graph_from_model(net, (2, 8, 8))
    handle.remove()
    assert len(graph_from_model(net, (2, 8, 8))) == 2


def test_pruned_weights_are_read_once_they_are_permanent() -> None:
    net = snn.SpikingSequential(nn.Linear(8, 4, bias=False), snn.IAF())
    prune.l1_unstructured(net[0], "weight", amount=0.5)  # type: ignore[no-untyped-call]
    with pytest.raises(InvalidInput, match="forward hooks") as caught:
        graph_from_model(net, (8,))
    assert "prune.remove" in caught.value.hint
    prune.remove(net[0], "weight")  # type: ignore[no-untyped-call]
    weight = graph_from_model(net, (8,)).nodes[0].weight  # type: ignore[attr-defined]
    assert (weight == 0).mean() == 0.5


def test_layers_that_compute_in_their_own_way_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'0' .* something else than Conv2d") as caught:
        graph_from_model(snn.SpikingSequential(Doubled(2, 4, 3), snn.IAF()), (2, 8, 8))
    assert "call a Conv2d" in caught.value.hint
    replaced = nn.Linear(8, 4)
    assert not has_own_forward(replaced)
    replaced.forward = lambda x: x  # type: ignore[method-assign,assignment]
    assert has_own_forward(replaced)
    for layer in (Doubled(2, 4, 3), replaced):
        with pytest.raises(InvalidInput, match=r"'layer' .* something else than"):
            graph_from_model(Calling(layer), (2, 8, 8))
    assert has_own_forward(replaced)


def test_chains_with_a_forward_of_their_own_are_run() -> None:
    torch.manual_seed(0)
    block = Skipping(nn.Conv2d(2, 2, 3, padding=1, bias=False))
    graph = graph_from_model(nn.Sequential(nn.Conv2d(2, 2, 1), block), (2, 6, 6))
    assert [type(node).__name__ for node in graph] == ["Conv", "Conv", "Merge"]
    x = torch.rand(3, 2, 6, 6)
    model = nn.Sequential(nn.Conv2d(2, 2, 1), block)
    found = run_graph(graph_from_model(model, (2, 6, 6)), x)
    np.testing.assert_allclose(np.asarray(found), model(x).detach().numpy(), rtol=1e-5, atol=1e-6)
