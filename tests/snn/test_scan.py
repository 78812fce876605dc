import torch

from snn.dynamics import Dynamics
from snn.scan import run_dynamics


def test_picks_the_kernel_for_float32_and_the_loop_for_float64() -> None:
    x = torch.ones(1, 3, 2, requires_grad=True)
    y, _ = run_dynamics(x, torch.zeros(1, 2), Dynamics())
    assert type(y.grad_fn).__name__ == "_FusedBackward"
    wide, _ = run_dynamics(x.double(), torch.zeros(1, 2).double(), Dynamics())
    assert type(wide.grad_fn).__name__ == "StackBackward0"
    assert torch.equal(wide.float(), y)
