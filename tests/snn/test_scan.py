import torch

from snn.dynamics import Neuron, run_reference
from snn.scan import run_dynamics
from snn.testing import constants_of, random_case


def test_picks_the_kernel_where_there_is_one() -> None:
    x, rest = torch.ones(1, 3, 1, 2, requires_grad=True), torch.zeros(1, 1, 2)
    y, _ = run_dynamics(x, rest, constants_of(Neuron()), Neuron())
    assert "neurons" in type(y.grad_fn).__name__


def test_nothing_to_compute_goes_through_the_loop() -> None:
    y, state = run_dynamics(
        torch.ones(0, 3, 1, 2), torch.zeros(0, 1, 2), constants_of(Neuron()), Neuron()
    )
    assert (y.shape, state.shape) == ((0, 3, 2), (0, 1, 2))


def test_other_devices_take_the_scan_or_the_loop() -> None:
    for neuron in (Neuron(), Neuron(reset="none")):
        case = random_case(neuron, (2, 5, 3), seed=0).to(torch.float32)
        x, rest, rows = (one.to("meta") for one in (case.x, case.state, case.constants))
        y, state = run_dynamics(x, rest, rows, neuron)
        assert (y.shape, state.shape) == ((2, 5, 3), (2, 1, 3))
        wanted, _ = run_reference(case.x, case.state, case.constants, neuron)
        assert y.shape == wanted.shape
