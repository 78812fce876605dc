from collections import OrderedDict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from snn.activity_count import ActivityCount, LayerActivity
from snn.branching import Branching
from snn.dpi.layer import DPI
from snn.layers import IAF, LIF, AxonalDelay, ExpLeak, Recurrent
from snn.sequential import SpikingSequential


def counted(net: SpikingSequential, *parts: tuple[Tensor, Tensor | None]) -> ActivityCount:
    count = ActivityCount()
    with torch.no_grad():
        for x, valid in parts:
            for passage in net.walk(x):
                count.add(passage, valid)
    return count


def whole_numbers(module: nn.Linear | nn.Conv2d) -> nn.Linear | nn.Conv2d:
    """Give a layer weights whose sums are exact, whatever the order they are taken in."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randint(-1, 3, parameter.shape) * 0.25)
    return module


def test_each_layer_in_network_order() -> None:
    linear = nn.Linear(3, 2, bias=False)
    linear.weight.data = torch.tensor([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]])
    net = SpikingSequential(
        OrderedDict(
            fc=linear, hidden=IAF(max_spikes=1), out=nn.Linear(2, 5), readout=ExpLeak(0.02, 0.001)
        )
    )
    x = torch.ones(4, 10, 3)
    layers = counted(net, (x, None)).layers()
    assert layers == (
        LayerActivity(name="fc", kind="Linear", synops=60.0),
        LayerActivity(
            name="hidden", kind="IAF", neurons=2, spikes=10.0, rate=0.5, silent_neurons=1
        ),
        LayerActivity(name="out", kind="Linear", synops=50.0),
    )
    assert not layers[1].silent
    assert layers[0].to_dict() == {"name": "fc", "kind": "Linear", "synops": 60.0}


def test_a_silent_layer_is_told() -> None:
    net = SpikingSequential(nn.Linear(3, 2, bias=False), IAF())
    layers = counted(net, (torch.zeros(1, 4, 3), None)).layers()
    assert [layer.silent for layer in layers] == [False, True]


def test_mixed_signal_neurons_are_counted_as_any() -> None:
    torch.manual_seed(0)
    linear = nn.Linear(3, 4, bias=False)
    nn.init.constant_(linear.weight, 2.0)
    net = SpikingSequential(linear, DPI(), nn.Linear(4, 2, bias=False), DPI(n_recurrent=2))
    x = torch.ones(2, 40, 3)
    count = counted(net, (x, None))
    first, hidden, second, last = count.layers()
    assert hidden.kind == last.kind == "DPI"
    spikes = DPI()(linear(x)).detach()
    assert hidden.spikes == float(spikes.sum()) / 2
    assert hidden.spikes > 0
    assert hidden.neurons == 4
    assert first.synops == 3 * 40 * 4
    assert second.synops == 2 * hidden.spikes
    assert count.uncounted() == ("3",)


def test_a_recurrent_layer_has_spikes_and_operations() -> None:
    net = SpikingSequential(whole_numbers(nn.Linear(3, 4)), Recurrent(LIF(0.02, 0.001), 4))
    (_, layer) = counted(net, (torch.ones(2, 9, 3) * 20, None)).layers()
    assert layer.kind == "Recurrent LIF"
    assert layer.neurons == 4
    assert layer.spikes is not None
    assert layer.synops == layer.spikes * 4


def test_layers_within_a_branching_are_in_its_place() -> None:
    block = Branching(
        OrderedDict(a=nn.Linear(3, 3), spike=IAF(), b=nn.Linear(3, 3)),
        sources={"b": ("spike", "input")},
    )
    net = SpikingSequential(OrderedDict(first=nn.Linear(3, 3), block=block, last=IAF()))
    names = [layer.name for layer in counted(net, (torch.rand(1, 3, 3), None)).layers()]
    assert names == ["first", "block.a", "block.spike", "block.b", "last"]


@pytest.mark.parametrize("delay", [False, True])
@settings(max_examples=20, deadline=None)
@given(data=st.data(), padding=st.integers(1, 12))
def test_padding_and_batches_change_nothing(
    *, delay: bool, data: st.DataObject, padding: int
) -> None:
    torch.manual_seed(data.draw(st.integers(0, 1000)))
    wait = (AxonalDelay(0.003, 6, max_delay=0.004, dt=0.001),) if delay else ()
    net = SpikingSequential(
        whole_numbers(nn.Conv2d(1, 4, 3, padding=1)),
        IAF(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        whole_numbers(nn.Linear(16, 6)),
        IAF(),
        *wait,
        whole_numbers(nn.Linear(6, 3)),
        IAF(),
    )
    x = torch.randint(0, 2, (4, 6, 1, 4, 4)).float()
    length = torch.tensor(data.draw(st.lists(st.integers(1, 6), min_size=4, max_size=4)))
    alone = counted(net, *((x[i : i + 1, : int(n)], None) for i, n in enumerate(length)))
    padded = torch.cat([x, torch.zeros(4, padding, 1, 4, 4)], 1)
    valid = torch.arange(padded.shape[1]) < length[:, None]
    padded = padded * valid[..., None, None, None]
    together = counted(net, (padded, valid))
    split = counted(net, (padded[:1], valid[:1]), (padded[1:], valid[1:]))
    assert together.layers() == split.layers() == alone.layers()
    assert together.spikes()["1"] > 0
