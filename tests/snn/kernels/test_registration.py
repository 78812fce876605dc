import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from snn.dpi.dynamics import N_ROWS, N_STATES
from snn.dpi.operators import dpi_neurons
from snn.kernels.operators import neurons
from snn.kernels.template import STRIDE


@pytest.mark.parametrize("kind", ["neurons", "dpi"])
def test_shapes_are_known_of_all_kinds_without_running_them(kind: str) -> None:
    batch, steps, n = 2, STRIDE + 1, 3
    rows, states = (6, 1) if kind == "neurons" else (N_ROWS, N_STATES)
    with FakeTensorMode():
        x = torch.empty(batch, steps, *([1] if kind == "neurons" else []), n)
        given = (x, torch.empty(batch, states, n), torch.empty(rows, 1), None, [0] * 9, [0.0])
        operator = neurons if kind == "neurons" else dpi_neurons
        y, last, kept = operator(*given)
    assert y.shape == (batch, steps, n)
    assert last.shape == (batch, states, n)
    assert kept.shape == (batch, 2, states, n)


def test_what_needs_no_gradient_gets_none() -> None:
    x = torch.full((1, 4, 1, 1), 0.5, requires_grad=True)
    constants = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])[:, None]
    kind, numbers = [0, 0, 1, 0, 0, 0, 0, 0, 0], [0.0, 0.0, 2.0, 1.0, 0.0, 0.0, 0.0]
    neurons(x, torch.zeros(1, 1, 1), constants, None, kind, numbers)[0].sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
    assert constants.grad is None
