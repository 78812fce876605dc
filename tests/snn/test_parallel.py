import torch
from hypothesis import given
from hypothesis import strategies as st

from snn.dynamics import Neuron, run_reference
from snn.parallel import can_run_in_parallel, leaky_scan, run_parallel
from snn.testing import random_case, relative_error, run_case

LINEAR = (
    Neuron(reset="none"),
    Neuron(reset="none", max_spikes=1, n_synapses=2),
    Neuron(spiking=False),
    Neuron(spiking=False, n_synapses=1),
)


@given(
    st.sampled_from(LINEAR),
    st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 5)),
    st.integers(0, 2**31),
    st.booleans(),
)
def test_equals_the_loop_over_time(
    neuron: Neuron, shape: tuple[int, int, int], seed: int, each: bool
) -> None:
    assert can_run_in_parallel(neuron)
    case = random_case(neuron, shape, seed, each=each)

    def scan(*given: object) -> tuple[torch.Tensor, torch.Tensor]:
        return run_parallel(*given[:4])  # type: ignore[arg-type]

    ours, loop = run_case(scan, case), run_case(run_reference, case)
    torch.testing.assert_close(ours.y, loop.y)
    torch.testing.assert_close(ours.state, loop.state)
    for mine, true in zip(ours.grads, loop.grads, strict=True):
        assert relative_error(mine, true) <= 1e-9


def test_what_acts_back_on_the_potential_has_no_scan() -> None:
    for neuron in (
        Neuron(),
        Neuron(reset="none", min_v_mem=-1.0),
        Neuron(reset="none", adaptive=True),
    ):
        assert not can_run_in_parallel(neuron)


def test_scan_of_one_step() -> None:
    x, decay, first = torch.tensor([[2.0]]), torch.tensor([0.5]), torch.tensor([4.0])
    assert leaky_scan(x, decay, first).tolist() == [[4.0]]
