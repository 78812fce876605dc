from collections.abc import Callable

import pytest
import torch
from torch import nn

from snn.branching import Branching
from snn.layers import ALIF, IAF, LIF, AxonalDelay, CubaLIF, Recurrent
from snn.robustness.numbers import SMALLEST_SHARE, deviated, neuron_shapes, numbers_of, run_with
from snn.sequential import SpikingSequential


def net() -> SpikingSequential:
    torch.manual_seed(0)
    return SpikingSequential(
        nn.Linear(3, 4),
        nn.BatchNorm1d(4),
        Recurrent(CubaLIF(tau_syn=0.01, train=("tau_mem", "spike_threshold")), 4),
        AxonalDelay(0.002, 4, max_delay=0.004),
        nn.Linear(4, 2),
        ALIF(),
    )


def test_every_number_is_in_its_group() -> None:
    groups = {path: number.group for path, number in numbers_of(net()).items()}
    assert groups == {
        "0.weight": "weights",
        "0.bias": "weights",
        "2.weight": "weights",
        "2.layer.constants.tau_syn": "time_constants",
        "2.layer.constants.log_tau_mem": "time_constants",
        "2.layer.constants.log_spike_threshold": "thresholds",
        "4.weight": "weights",
        "4.bias": "weights",
        "5.constants.tau_mem": "time_constants",
        "5.constants.tau_adapt": "time_constants",
        "5.constants.adapt_scale": "thresholds",
        "5.constants.spike_threshold": "thresholds",
    }


def test_each_neuron_has_a_deviation_of_its_own() -> None:
    model = net()
    numbers = numbers_of(model, neuron_shapes(model, torch.zeros(2, 5, 3)))
    assert numbers["2.layer.constants.log_spike_threshold"].shape == (4,)
    assert numbers["2.layer.constants.tau_syn"].shape == (1, 4)  # a synapse of each neuron
    assert numbers["5.constants.tau_adapt"].shape == (2,)


@pytest.mark.parametrize("train", [(), ("spike_threshold", "tau_mem")], ids=["fixed", "trained"])
def test_a_deviation_is_a_share_of_the_number(train: tuple[str, ...]) -> None:
    model = SpikingSequential(nn.Linear(3, 4), LIF(spike_threshold=2.0, train=train))
    numbers = numbers_of(model)
    stored = deviated(numbers, {path: torch.full(n.shape, 0.1) for path, n in numbers.items()})
    for path, value in stored.items():
        found, was = (v.exp() if "log_" in path else v for v in (value, numbers[path].value))
        torch.testing.assert_close(found, 1.1 * was)


@pytest.mark.parametrize("train", [(), ("spike_threshold",)], ids=["fixed", "trained"])
def test_constants_stay_positive_whatever_is_drawn(train: tuple[str, ...]) -> None:
    (path, number) = next(
        (p, n) for p, n in numbers_of(SpikingSequential(IAF(train=train))).items()
    )
    (value,) = deviated({path: number}, {path: torch.tensor(-5.0)}).values()
    found = value.exp() if "log_" in path else value
    assert found.item() == pytest.approx(SMALLEST_SHARE)


def test_thresholds_of_each_neuron_act_on_that_neuron() -> None:
    model = SpikingSequential(nn.Linear(1, 2, bias=False), IAF())
    model[0].weight.data.fill_(1.0)  # type: ignore[operator]
    stored = {"1.constants.spike_threshold": torch.tensor([1.0, 2.0])}
    assert run_with(model, stored, torch.ones(1, 4, 1)).sum(1).tolist() == [[4.0, 2.0]]


def test_running_with_other_numbers_leaves_no_trace() -> None:
    model = net().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    numbers = numbers_of(model, neuron_shapes(model, torch.zeros(1, 1, 3)))
    stored = deviated(numbers, {path: torch.full(n.shape, 0.3) for path, n in numbers.items()})
    run_with(model, stored, torch.rand(4, 5, 3))
    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_without_other_numbers_it_is_the_network_itself() -> None:
    model, x = net().eval(), torch.rand(2, 9, 3)
    assert torch.equal(run_with(model, {}, x), model(x))


def test_looking_for_shapes_keeps_every_module_in_its_mode() -> None:
    model = net().train()
    model[1].eval()
    modes = [module.training for module in model.modules()]
    neuron_shapes(model, torch.zeros(1, 1, 3))
    assert [module.training for module in model.modules()] == modes


@pytest.mark.parametrize(
    "layer", [lambda: CubaLIF(tau_syn=[0.01, 0.02]), lambda: CubaLIF(tau_syn=[[0.01] * 2] * 2)]
)
def test_each_synapse_of_each_neuron_deviates(layer: Callable[[], CubaLIF]) -> None:
    model = SpikingSequential(nn.Linear(3, 4), nn.Unflatten(1, (2, 2)), layer())
    shapes = neuron_shapes(model, torch.zeros(1, 1, 3))
    number = numbers_of(model, shapes)["2.constants.tau_syn"]
    assert number.shape == (2, 2)
    assert number.deviated(torch.zeros(2, 2)).shape == (2, 2)
    run_with(model, {"2.constants.tau_syn": number.deviated(torch.ones(2, 2))}, torch.ones(1, 3, 3))


def test_neurons_within_a_branching_deviate_by_themselves() -> None:
    block = Branching({"fc": nn.Linear(3, 4), "spikes": LIF()})
    model = SpikingSequential(block)
    x = torch.zeros(1, 5, 3)
    numbers = numbers_of(model, neuron_shapes(model, x))
    assert numbers["0.spikes.constants.tau_mem"].shape == (4,)
    drawn = deviated(numbers, {path: torch.zeros(n.shape) for path, n in numbers.items()})
    assert torch.equal(run_with(model, drawn, x), model(x))
