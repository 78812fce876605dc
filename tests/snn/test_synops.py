from collections import OrderedDict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from eventstore.errors import InvalidInput
from snn.activity_count import ActivityCount
from snn.layers import IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, Recurrent
from snn.sequential import SpikingSequential
from snn.synops import synaptic_operations


def test_pooled_spikes_count_as_the_spikes_they_were() -> None:
    conv = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.ones_(conv.weight)
    net = SpikingSequential(
        conv,
        IAF(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4, 10, bias=False),
    )
    count = ActivityCount()
    for _ in range(2):
        for passage in net.walk(torch.ones(3, 5, 1, 4, 4)):
            count.add(passage)
    assert count.spikes() == {"1": 5 * 16}
    assert count.synops() == {"0": 5 * 16, "4": 5 * 16 * 10}


def count_spike_by_spike(spikes: torch.Tensor, pool: nn.AvgPool2d, conv: nn.Conv2d) -> float:
    """Send each spike alone through sum pooling and a convolution of ones; add what arrives."""
    area = nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, divisor_override=1)
    ones = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (conv.kernel_size[0], conv.kernel_size[1]),
        (conv.stride[0], conv.stride[1]),
        (int(conv.padding[0]), int(conv.padding[1])),
        groups=conv.groups,
        bias=False,
    )
    nn.init.ones_(ones.weight)
    total = 0.0
    with torch.no_grad():
        for place in spikes.nonzero():
            alone = torch.zeros_like(spikes)
            alone[tuple(place)] = spikes[tuple(place)]
            total += float(ones(area(alone)).sum())
    return total


@settings(max_examples=25, deadline=None)
@given(
    pool=st.sampled_from([((2, 2), None, 0), ((2, 1), (1, 2), 0), ((3, 2), (2, 2), 1)]),
    stride=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.integers(0, 2),
    groups=st.sampled_from([1, 2]),
)
def test_operations_are_those_of_each_spike_on_its_own(
    pool: tuple[tuple[int, int], tuple[int, int] | None, int],
    stride: tuple[int, int],
    padding: int,
    groups: int,
) -> None:
    average = nn.AvgPool2d(pool[0], pool[1], pool[2])
    conv = nn.Conv2d(2, 4, 3, stride, padding, groups=groups)
    net = SpikingSequential(IAF(), average, conv, IAF())
    x = torch.randint(0, 3, (2, 3, 2, 7, 6)).float()
    counted = synaptic_operations(net.walk(x))
    assert list(counted) == ["2"]
    assert counted["2"].tolist() == [
        count_spike_by_spike(sample, average, conv) for sample in x.unbind(0)
    ]


def test_sum_pooling_and_sequences_count_too() -> None:
    flat = SpikingSequential(IAF(), nn.LPPool2d(1, 2), nn.Flatten(), nn.Linear(4, 5), IAF())
    operations = synaptic_operations(flat.walk(torch.ones(1, 3, 1, 4, 4)))
    assert operations["3"].tolist() == pytest.approx([3 * 16 * 5])
    sound = SpikingSequential(IAF(), nn.AvgPool1d(2), nn.Conv1d(1, 2, 3, padding=1), IAF())
    assert synaptic_operations(sound.walk(torch.ones(1, 3, 1, 4)))["2"].tolist() == [3 * 4 * 4]


def test_recurrent_spikes_cross_their_own_synapses() -> None:
    torch.manual_seed(0)
    layer = Recurrent(CubaLIF(tau_mem=0.02, tau_syn=[0.002, 0.01]), 3)
    first = nn.Linear(2, 6)
    nn.init.ones_(first.weight)
    nn.init.constant_(layer.weight, 0.01)  # excites, so that nothing silences the layer
    net = SpikingSequential(first, nn.Unflatten(1, (2, 3)), layer, nn.Linear(3, 4))
    passages = list(net.walk(1 + torch.rand(2, 50, 2)))
    spikes = passages[2].y.sum((1, 2)).double()
    assert spikes.min() > 0
    operations = synaptic_operations(passages)
    assert list(operations) == ["0", "2", "3"]
    assert torch.equal(operations["2"], spikes * 6)
    assert torch.equal(operations["3"], spikes * 4)


def test_pieces_of_a_sequence_cost_what_the_whole_costs() -> None:
    torch.manual_seed(0)
    net = SpikingSequential(nn.Linear(4, 5), Recurrent(LIF(tau_mem=0.01), 5), nn.Linear(5, 2))
    x = torch.rand(2, 40, 4) * 30
    whole = synaptic_operations(net.walk(x))
    first = list(net.walk(x[:, :15]))
    states = [p.state for p in first if p.state is not None]
    second = synaptic_operations(net.walk(x[:, 15:], states))
    for name, operations in synaptic_operations(first).items():
        torch.testing.assert_close(operations + second[name], whole[name], rtol=1e-6, atol=0)


def test_layers_within_a_container_count_by_their_path() -> None:
    block = nn.Sequential(nn.AvgPool2d(2), nn.Dropout(0.5), nn.Conv2d(1, 3, 2), nn.BatchNorm2d(3))
    net = SpikingSequential(OrderedDict(start=IAF(), block=block, end=IAF()))
    operations = synaptic_operations(net.walk(torch.ones(1, 5, 1, 4, 4)))
    assert {name: each.tolist() for name, each in operations.items()} == {
        "block.2": [5 * 4 * 3 * 4.0]
    }


def test_delayed_events_count_when_they_arrive() -> None:
    delay = AxonalDelay(0.002, n_neurons=2, max_delay=0.01)
    net = SpikingSequential(IAF(), delay, nn.Linear(2, 3), IAF())
    assert synaptic_operations(net.walk(torch.ones(1, 5, 2)))["2"].tolist() == [3 * 2 * 3]


def test_values_that_are_no_spikes_count_with_their_magnitude() -> None:
    net = SpikingSequential(nn.Linear(2, 3), nn.Linear(3, 1), ExpLeak(tau_mem=0.01))
    passages = list(net.walk(torch.tensor([[[-1.0, 2.0]]])))
    operations = synaptic_operations(passages)
    assert operations["0"].tolist() == [9.0]
    assert operations["1"].item() == pytest.approx(passages[0].y.abs().sum().item())


@pytest.mark.parametrize(
    ("module", "shape", "name"),
    [
        (nn.ConvTranspose1d(1, 1, 2), (1, 4), "1"),
        (nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)), (4,), "1.1"),
    ],
)
def test_weights_out_of_sight_are_refused_by_name_and_said_of_counts(
    module: nn.Module, shape: tuple[int, ...], name: str
) -> None:
    net = SpikingSequential(IAF(), module)
    with pytest.raises(InvalidInput, match=f"operations of module '{name}'") as info:
        synaptic_operations(net.walk(torch.ones(1, 2, *shape)))
    assert "one by one" in info.value.hint
    count = ActivityCount()
    for passage in net.walk(torch.ones(1, 2, *shape)):
        count.add(passage)
    assert count.uncounted() == (name,)
    assert name not in count.synops()


def test_gradients_reach_the_weights_through_spikes_that_cost() -> None:
    first, last = nn.Linear(3, 4), nn.Linear(4, 2)
    net = SpikingSequential(first, IAF(), last)
    torch.autograd.backward(synaptic_operations(net.walk(torch.rand(2, 6, 3)))["2"].sum())
    assert first.weight.grad is not None
    assert first.weight.grad.abs().sum() > 0
    assert last.weight.grad is None


def test_sums_over_batches_of_two_sizes_are_those_per_sample() -> None:
    net = SpikingSequential(IAF(), nn.Linear(2, 3))
    x = torch.randint(0, 5, (5, 4, 2)).float()
    count = ActivityCount()
    for part in (x[:2], x[2:]):
        for passage in net.walk(part):
            count.add(passage)
    assert count.spikes() == {"0": float(x.sum()) / 5}
    assert count.synops() == {"1": 3 * float(x.sum()) / 5}


def test_potentials_are_no_spikes() -> None:
    net = SpikingSequential(nn.Linear(3, 2), ExpLeak())
    count = ActivityCount()
    for passage in net.walk(torch.ones(1, 4, 3)):
        count.add(passage)
    assert count.spikes() == {}
    assert set(count.synops()) == {"0"}
