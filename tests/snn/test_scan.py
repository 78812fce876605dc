import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx import GraphModule

from snn.dynamics import Neuron, run_reference
from snn.layers import LIF, Recurrent
from snn.scan import run_dynamics
from snn.testing import NEURONS, constants_of, random_case, relative_error, run_case


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


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("neuron", [Neuron(recurrent=True), NEURONS[6]])  # with no reset
def test_loops_take_and_give_half_precision_as_kernels_do(
    neuron: Neuron, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = random_case(neuron, (2, 20, 5), seed=1).to(dtype)
    fused = run_case(run_dynamics, case)
    monkeypatch.setattr("snn.scan.can_fuse", lambda *_: False)
    looped = run_case(run_dynamics, case)
    assert torch.equal(fused.y, looped.y)
    assert looped.y.dtype == looped.state.dtype == dtype
    assert relative_error(fused.state, looped.state.double()) < 0.01
    for one, other in zip(fused.grads, looped.grads, strict=True):
        assert one.dtype == other.dtype == dtype
        assert relative_error(one, other.double()) < 0.02


def test_autocast_does_not_round_the_spikes_that_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    layer, x = Recurrent(LIF(), 32), 3 * torch.rand(2, 30, 32)
    with torch.autocast("cpu", torch.bfloat16):
        fused = layer(x)
        monkeypatch.setattr("snn.scan.can_fuse", lambda *_: False)
        looped = layer(x)
    assert fused.sum() > 0
    assert torch.equal(fused, looped)


def test_whole_numbers_come_in_as_well() -> None:
    neuron = Neuron(spiking=False)
    x = torch.ones(1, 2, 1, 1, dtype=torch.int32)
    y, _ = run_dynamics(x, torch.full((1, 1, 1), 0.5), constants_of(neuron), neuron)
    assert y.flatten().tolist() == [1.5, 2.5]


def on_a_gpu(neuron: Neuron, n: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Tensors of a GPU that nobody needs to have: they have shapes, but no numbers."""
    sizes = ((2, 5, 1, n), (2, neuron.n_states, n), (neuron.n_constants, 1))
    x, state, constants = (torch.empty(size, device="cuda:0") for size in sizes)
    return x, state, constants


def test_compilers_of_torch_find_the_operator_on_a_gpu() -> None:
    called: list[str] = []
    neuron = Neuron()

    def look(graph: GraphModule, _: object) -> GraphModule:
        called.extend(str(node.target) for node in graph.graph.nodes)
        return graph

    def run(x: Tensor, state: Tensor, constants: Tensor) -> Tensor:
        return run_dynamics(x, state, constants, neuron)[0]

    with FakeTensorMode():
        y = torch.compile(run, fullgraph=True, backend=look)(*on_a_gpu(neuron))
    assert (y.shape, y.device.type) == ((2, 5, 4), "cuda")
    assert any("spikelake.neurons" in call for call in called)


@pytest.mark.parametrize(
    ("neuron", "n", "triton", "looped"),
    [
        (Neuron(), 5000, True, 0),
        (Neuron(), 4, False, 1),
        (Neuron(recurrent=True), 1024, True, 0),
        (Neuron(recurrent=True), 1025, True, 1),
    ],
)
def test_on_a_gpu_wide_recurrent_layers_and_all_without_triton_take_the_loop(
    neuron: Neuron, n: int, triton: bool, looped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops: list[Neuron] = []

    def loop(x: Tensor, state: Tensor, _: Tensor, neuron: Neuron, *__: object) -> object:
        loops.append(neuron)
        return x.sum(2), state

    monkeypatch.setattr("snn.scan.run_reference", loop)
    monkeypatch.setattr("snn.kernels.operators.has_triton", lambda: triton)
    with FakeTensorMode():
        weight = torch.empty(n, n, device="cuda:0") if neuron.recurrent else None
        y, _ = run_dynamics(*on_a_gpu(neuron, n), neuron, weight)
    assert loops == [neuron] * looped
    assert (y.shape, y.device.type) == ((2, 5, n), "cuda")
