import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from snn.event_pooling import sum_events


@settings(max_examples=80, deadline=None)
@given(
    kernel=st.tuples(st.integers(2, 4), st.integers(2, 4)),
    stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    padding=st.integers(0, 1),
    ceil_mode=st.booleans(),
    include=st.booleans(),
    divisor=st.sampled_from([None, 3]),
)
def test_images_sum_what_lies_in_each_window(
    *,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: int,
    ceil_mode: bool,
    include: bool,
    divisor: int | None,
) -> None:
    # What an average divides by is no matter: the events in a window are those of its members.
    module = nn.AvgPool2d(kernel, stride, padding, ceil_mode, include, divisor)
    events = torch.randint(0, 4, (2, 3, 7, 6)).float()
    inside = torch.nn.functional.pad(events, (padding,) * 4)
    summed = sum_events(module, events)
    assert summed.shape == module(events).shape
    for y in range(summed.shape[2]):
        for x in range(summed.shape[3]):
            top, left = y * stride[0], x * stride[1]
            window = inside[:, :, top : top + kernel[0], left : left + kernel[1]]
            assert torch.equal(summed[:, :, y, x], window.sum((2, 3)))


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_sequences_sum_what_lies_in_each_window(ceil_mode: bool) -> None:
    module = nn.AvgPool1d(3, 2, padding=1, ceil_mode=ceil_mode)
    events = torch.arange(12.0).view(1, 2, 6)
    summed = sum_events(module, events)
    expected = [[1.0, 6.0, 12.0], [13.0, 24.0, 30.0]]
    if ceil_mode:
        expected = [[*expected[0], 5.0], [*expected[1], 11.0]]
    assert summed.tolist() == [expected]


def test_adaptive_windows_overlap_where_sizes_do_not_divide() -> None:
    events = torch.arange(5.0).view(1, 1, 5)
    assert sum_events(nn.AdaptiveAvgPool1d(2), events).tolist() == [[[3.0, 9.0]]]
    images = torch.arange(20.0).view(1, 1, 4, 5)
    whole = sum_events(nn.AdaptiveAvgPool2d(1), images)
    assert whole.item() == pytest.approx(190.0)
    parts = sum_events(nn.AdaptiveAvgPool2d((2, 1)), images)
    assert parts.flatten().tolist() == pytest.approx([45.0, 145.0])
