import pytest
import torch
from torch import nn

from snn.layers import IAF
from snn.sequential import SpikingSequential
from snn.synops import ActivityCount, fan_out


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(2, 3, 3),
        nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=True),
        nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=2),
    ],
)
def test_fan_out_counts_the_outputs_each_input_reaches(module: nn.Conv2d) -> None:
    shape = (module.in_channels, 6, 5)
    counted = fan_out(module, shape)
    with torch.no_grad():
        module.weight.fill_(1.0)
        if module.bias is not None:
            module.bias.zero_()
        for place in [(0, 0, 0), (1, 2, 3), (module.in_channels - 1, 5, 4)]:
            x = torch.zeros(1, *shape)
            x[(0, *place)] = 1.0
            assert counted[place] == module(x).sum()


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
