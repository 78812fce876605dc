import pytest
import torch
from torch import nn

from snn.layers import LIF
from snn.pooling_window import window_after
from snn.sequential import SpikingSequential


@pytest.mark.parametrize(
    ("pool", "window"),
    [
        (nn.AvgPool2d(2), (2, 2)),
        (nn.AvgPool2d((3, 2)), (3, 2)),
        (nn.AvgPool2d(2, stride=1), None),
        (nn.AvgPool2d(2, padding=1), None),
        (nn.AvgPool2d(2, ceil_mode=True), None),
        (nn.AvgPool2d(2, divisor_override=1), None),
        (nn.MaxPool2d(2), None),
        (nn.AvgPool1d(2), None),
    ],
)
def test_only_averages_side_by_side_are_taken_over(
    pool: nn.Module, window: tuple[int, int] | None
) -> None:
    assert window_after(LIF(), pool) == window
    assert window_after(nn.ReLU(), pool) is None
    assert window_after(LIF(), None) is None


def test_who_watches_a_pool_sees_what_goes_in() -> None:
    pool, seen = nn.AvgPool2d(2), []
    net = SpikingSequential(LIF(), pool)
    x = torch.full((1, 3, 2, 4, 4), 2.0)
    quiet = net(x)
    pool.register_forward_hook(lambda module, given, y: seen.append(given[0].shape))
    assert window_after(LIF(), pool) is None
    assert torch.equal(net(x), quiet)
    assert seen == [(3, 2, 4, 4)]
