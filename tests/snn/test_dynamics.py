from typing import Any

import pytest
import torch

from eventstore.errors import InvalidInput
from snn.dynamics import Dynamics, run_reference


def spikes_of(x: list[float], **fields: Any) -> tuple[list[float], float]:
    y, v = run_reference(torch.tensor(x).view(1, -1, 1), torch.zeros(1, 1), Dynamics(**fields))
    return y.flatten().tolist(), v.item()


def test_multi_spikes_count_thresholds_reached() -> None:
    assert spikes_of([3.5, 0.5, -9.0]) == ([3.0, 1.0, 0.0], -9.0)


def test_single_spikes_keep_the_rest_for_later() -> None:
    assert spikes_of([3.5, 0.0, 0.0, 0.0], spikes="single") == ([1.0, 1.0, 1.0, 0.0], 0.5)


def test_reset_to_zero_forgets_the_rest() -> None:
    assert spikes_of([1.5, 0.75], reset="zero") == ([1.0, 0.0], 0.75)


def test_lower_bound_acts_after_the_reset() -> None:
    assert spikes_of([-5.0, 2.0], min_v_mem=-1.0) == ([0.0, 1.0], 0.0)


def test_leak_and_gain() -> None:
    assert spikes_of([1.0, 1.0], alpha=0.5, gain=0.5, spike_threshold=None) == ([0.5, 0.75], 0.75)


def test_gradient_flows_through_the_reset() -> None:
    x = torch.tensor([1.0, 0.5]).view(1, 2, 1).requires_grad_()
    _, v = run_reference(x, torch.zeros(1, 1), Dynamics())
    (gx,) = torch.autograd.grad(v.sum(), x)
    # slopes: 2 at v = 1; 2 exp(−1) at v = 0.5: v_last = x1 + x2 − s1 − s2
    later = 1 - 2 * 2.718281828**-1
    assert gx.flatten().tolist() == pytest.approx([(1 - 2) * later, later])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"alpha": 1.2}, "alpha 1.2"),
        ({"spike_threshold": 0.0}, "spike_threshold 0.0"),
        ({"min_v_mem": 0.5}, "min_v_mem 0.5"),
        ({"reset": "hard"}, "unknown reset 'hard'"),
        ({"spikes": "many"}, "unknown spikes 'many'"),
    ],
)
def test_bad_fields_are_named(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Dynamics(**fields)
