import torch

from snn.dynamics import Neuron, run_reference
from snn.testing import NEURONS, constants_of, random_case, relative_error, run_case


def test_kinds_together_have_every_option() -> None:
    assert {neuron.reset for neuron in NEURONS} == {"subtract", "set", "none"}
    assert {neuron.n_synapses for neuron in NEURONS} == {0, 1, 2}
    assert len({neuron.surrogate.code for neuron in NEURONS}) == 9
    for option in ("adaptive", "spiking", "recurrent", "detach_reset"):
        assert {getattr(neuron, option) for neuron in NEURONS} == {False, True}
    for option in ("max_spikes", "min_v_mem"):
        assert None in {getattr(neuron, option) for neuron in NEURONS}


def test_cases_are_exact_in_single_precision_and_repeat() -> None:
    case = random_case(Neuron(recurrent=True), (2, 9, 3), seed=4, each=True)
    again = random_case(Neuron(recurrent=True), (2, 9, 3), seed=4, each=True)
    assert torch.equal(case.x, again.x)
    assert torch.equal(case.to(torch.float32).to(torch.float64).x, case.x)
    assert case.weight is not None
    assert torch.equal(case.weight * 64, (case.weight * 64).round())
    assert bool(((case.state[:, -1] == 0) | (case.state[:, -1] == 1)).all())


def test_gradients_are_those_of_what_is_run() -> None:
    case = random_case(Neuron(spiking=False), (1, 4, 2), seed=0)
    found = run_case(run_reference, case)
    assert [tuple(grad.shape) for grad in found.grads] == [(1, 4, 1, 2), (1, 1, 2), (6, 1)]
    assert constants_of(Neuron(n_synapses=2), beta=(0.5, 0.25)).shape == (8, 1)


def test_errors_are_relative_to_the_largest() -> None:
    exact = torch.tensor([10.0, 0.0]).double()
    assert relative_error(torch.tensor([10.0, 1.0]), exact) == 0.1
    assert relative_error(torch.zeros(2), torch.zeros(2).double()) == 0.0
