from typing import Any

import pytest
import torch
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron, count_spikes, run_reference, step
from snn.testing import constants_of


def spikes_of(
    x: list[float], *, constants: dict[str, Any] | None = None, **options: Any
) -> tuple[list[float], list[float]]:
    neuron = Neuron(**options)
    rows = constants_of(neuron, **(constants or {}))
    given = torch.tensor(x).view(1, -1, 1, 1)
    y, state = run_reference(given, torch.zeros(1, neuron.n_states, 1), rows, neuron)
    return y.flatten().tolist(), state.flatten().tolist()


def test_multi_spikes_count_thresholds_reached() -> None:
    assert spikes_of([3.5, 0.5, -9.0]) == ([3.0, 1.0, 0.0], [-9.0])


def test_capped_spikes_keep_the_rest_for_later() -> None:
    assert spikes_of([3.5, 0.0, 0.0, 0.0], max_spikes=1) == ([1.0, 1.0, 1.0, 0.0], [0.5])
    assert spikes_of([3.5, 0.0, 0.0], max_spikes=2) == ([2.0, 1.0, 0.0], [0.5])


def test_a_set_reset_forgets_the_rest() -> None:
    assert spikes_of([1.5, 0.75], reset="set") == ([1.0, 0.0], [0.75])
    assert spikes_of([1.5, 0.75], reset="set", v_reset=-0.5) == ([1.0, 0.0], [0.25])


def test_a_reset_value_acts_after_spikes_alone() -> None:
    # Sinabs 3.1 adds it to every neuron in every step.
    assert spikes_of([0.0, 0.0, 0.0], reset="set", v_reset=-0.5) == ([0.0] * 3, [0.0])


def test_without_reset_spikes_leave_the_potential_alone() -> None:
    assert spikes_of([1.5, 0.0, 1.0], reset="none") == ([1.0, 1.0, 2.0], [2.5])


def test_lower_bound_acts_after_the_reset() -> None:
    assert spikes_of([-5.0, 2.0], min_v_mem=-1.0) == ([0.0, 1.0], [0.0])


def test_leak_gain_and_bias() -> None:
    leaky = {"alpha": 0.5, "gain": 0.5}
    assert spikes_of([1.0, 1.0], spiking=False, constants=leaky) == ([0.5, 0.75], [0.75])
    biased = leaky | {"bias": 0.25}
    assert spikes_of([1.0, 1.0], spiking=False, constants=biased) == ([0.75, 1.125], [1.125])


def test_synapses_decay_what_they_are_given_at_once() -> None:
    neuron = Neuron(n_synapses=2, spiking=False)
    x = torch.tensor([[1.0, 2.0], [0.0, 0.0]]).view(1, 2, 2, 1)
    rows = constants_of(neuron, beta=(0.5, 0.25))
    y, state = run_reference(x, torch.zeros(1, 3, 1), rows, neuron)
    assert y.flatten().tolist() == [1.0, 1.375]
    assert state.flatten().tolist() == [1.375, 0.25, 0.125]


def test_adaptation_raises_the_threshold_of_later_steps() -> None:
    rows = {"rho": 0.5, "adapt_scale": 2.0}
    y, (v_mem, adaptation) = spikes_of([1.0, 1.5, 0.5], adaptive=True, constants=rows)
    # θ: 1, then 1 + 2 · 0.5 = 2, then 1 + 2 · 0.25 = 1.5
    assert y == [1.0, 0.0, 1.0]
    assert (v_mem, adaptation) == (0.5, 0.625)


def test_recurrent_spikes_arrive_one_step_later() -> None:
    neuron = Neuron(recurrent=True)
    weight = torch.tensor([[0.0, 0.5], [0.25, 0.0]])
    x = torch.tensor([[2.0, 0.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    y, state = run_reference(x, torch.zeros(1, 2, 2), constants_of(neuron), neuron, weight)
    assert y.tolist() == [[[2.0, 0.0], [0.0, 1.0]]]
    assert state.tolist() == [[[0.0, 0.0], [0.0, 1.0]]]


def test_recurrent_neurons_need_a_weight() -> None:
    neuron = Neuron(recurrent=True)
    with pytest.raises(InvalidInput, match="need a weight"):
        step(torch.zeros(1, 1, 2), torch.zeros(1, 2, 2), constants_of(neuron), neuron)


def test_gradient_flows_through_the_reset() -> None:
    assert gradient(Neuron()) == pytest.approx([(1 - 2) * LATER, LATER])


def test_a_detached_reset_stops_it() -> None:
    assert gradient(Neuron(detach_reset=True)) == [1.0, 1.0]


# slopes: 2 at v = 1; 2 exp(−1) at v = 0.5: v_last = x1 + x2 − s1 − s2
LATER = 1 - 2 * 2.718281828**-1


def gradient(neuron: Neuron) -> list[float]:
    x = torch.tensor([1.0, 0.5]).view(1, 2, 1, 1).requires_grad_()
    _, state = run_reference(x, torch.zeros(1, 1, 1), constants_of(neuron), neuron)
    (gx,) = torch.autograd.grad(state.sum(), x)
    found: list[float] = gx.flatten().tolist()
    return found


def test_gradient_to_the_threshold_is_that_of_the_ratio() -> None:
    # A count depends on v / θ alone, so scaling both changes nothing: v ∂s/∂v + θ ∂s/∂θ = 0.
    v = torch.tensor([0.7, 1.3, 3.4], requires_grad=True)
    threshold = torch.tensor([1.1, 0.9, 1.4], requires_grad=True)
    spikes: Tensor = count_spikes(v, threshold, Neuron())
    by_v, by_threshold = torch.autograd.grad(spikes.sum(), (v, threshold))
    torch.testing.assert_close(v * by_v + threshold * by_threshold, torch.zeros(3))
    assert (by_v > 0).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"max_spikes": 0}, "max_spikes 0"),
        ({"min_v_mem": 0.5}, "min_v_mem 0.5"),
        ({"reset": "hard"}, "unknown reset 'hard'"),
        ({"spiking": False, "adaptive": True}, "never spikes"),
        ({"spiking": False, "recurrent": True}, "never spikes"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Neuron(**options)
