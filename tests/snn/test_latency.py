import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from snn.latency import Latency, LatencyCount


def spikes_of(draw: st.DataObject, steps: int, n: int, classes: int = 3) -> Tensor:
    flat = draw.draw(
        st.lists(st.integers(0, 2), min_size=n * steps * classes, max_size=n * steps * classes)
    )
    return torch.tensor(flat, dtype=torch.float64).view(n, steps, classes)


def latency_of(*batches: tuple[Tensor, Tensor, Tensor]) -> Latency:
    count = LatencyCount()
    for output, label, length in batches:
        count.add(output.cumsum(1), label, length)
    return count.latency()


def decided_by_hand(output: Tensor) -> tuple[list[int], int, int]:
    """Go step by step as a person would: decisions, first output, step of the decision."""
    total = [0.0] * output.shape[1]
    said, first, decided = [], 0, 0
    for step, values in enumerate(output.tolist(), 1):
        total = [a + b for a, b in zip(total, values, strict=True)]
        if not first and any(total):
            first = decided = step
        said.append(total.index(max(total)))
        if first and step > first and said[-1] != said[-2]:
            decided = step
    return said, first, decided


@settings(max_examples=50, deadline=None)
@given(data=st.data(), steps=st.integers(1, 6), n=st.integers(1, 5))
def test_equals_going_step_by_step(data: st.DataObject, steps: int, n: int) -> None:
    output = spikes_of(data, steps, n)
    label = torch.tensor(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    found = latency_of((output, label, torch.full((n,), steps)))
    by_hand = [decided_by_hand(one) for one in output]
    hits = [[one == int(k) for one in said] for (said, _, _), k in zip(by_hand, label, strict=True)]
    assert found.accuracy.tolist() == np.mean(hits, axis=0).tolist()
    assert found.first_output.tolist() == [first for _, first, _ in by_hand]
    assert found.decided.tolist() == [decided for _, _, decided in by_hand]


@settings(max_examples=30, deadline=None)
@given(data=st.data(), steps=st.integers(1, 5), padding=st.integers(1, 4))
def test_padding_and_batches_change_nothing_but_the_length(
    data: st.DataObject, steps: int, padding: int
) -> None:
    output, label = spikes_of(data, steps, 4), torch.tensor([0, 1, 2, 1])
    length = torch.full((4,), steps)
    padded = torch.cat([output, torch.zeros(4, padding, 3)], 1).double()
    whole = latency_of((output, label, length))
    parts = latency_of((output[:1], label[:1], length[:1]), (padded[1:], label[1:], length[1:]))
    assert parts.accuracy[:steps].tolist() == whole.accuracy.tolist()
    assert parts.accuracy[steps:].tolist() == [whole.accuracy[-1]] * padding
    assert parts.first_output.tolist() == whole.first_output.tolist()
    assert parts.decided.tolist() == whole.decided.tolist()


def test_a_sample_that_is_over_keeps_its_decision() -> None:
    short = torch.tensor([[[0.0, 1.0]]]).double()
    long = torch.tensor([[[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]]]).double()
    label = torch.tensor([1])
    found = latency_of(
        (short, label, torch.tensor([1])),
        (long, label, torch.tensor([3])),
    )
    assert found.accuracy.tolist() == [0.5, 0.5, 1.0]
    assert found.decided.tolist() == [1, 3]
    assert found.median_decided == 2.0


def test_who_says_nothing_is_undecided() -> None:
    output, label = torch.zeros(3, 4, 2).double(), torch.tensor([0, 1, 0])
    output[0, 2, 0] = 1.0
    found = latency_of((output, label, torch.full((3,), 4)))
    assert found.undecided == 2
    assert found.first_output.tolist() == [3, 0, 0]
    assert found.median_first_output == found.median_decided == 3.0
    silent = latency_of((output[1:], label[1:], torch.full((2,), 4)))
    assert silent.median_decided is None
    assert silent.to_dict()["median_first_output_step"] is None


@pytest.mark.parametrize(
    ("curve", "share", "steps"),
    [([0.5, 0.9, 1.0], 0.9, 2), ([1.0, 0.2, 1.0], 0.9, 3), ([0.7], 0.95, 1), ([0.0, 0.0], 0.9, 1)],
)
def test_steps_to_a_share_of_the_last_accuracy(
    curve: list[float], share: float, steps: int
) -> None:
    none = np.zeros(0, np.int64)
    found = Latency(accuracy=np.array(curve), first_output=none, decided=none)
    assert found.steps_to(share) == steps
