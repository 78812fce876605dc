"""Tests of one step of a network in plain operations: step by step it is what the layers run."""

import pytest
import torch
from torch import Tensor, nn

import snn
from devices.onnx_step import SingleStep, packed_states
from eventstore.errors import InvalidInput
from snn.layers import StatefulLayer
from snn.sequential import SpikingSequential

NEURONS: dict[str, StatefulLayer] = {
    "iaf": snn.IAF(min_v_mem=-0.5),
    "iaf set": snn.IAF(0.7, reset="set", v_reset=-0.2, max_spikes=2),
    "lif": snn.LIF(tau_mem=torch.linspace(0.002, 0.02, 6), dt=0.001),
    "lif none": snn.LIF(reset="none", norm_input=False, max_spikes=1),
    "alif": snn.ALIF(tau_mem=0.005, dt=0.001),
    "leak": snn.ExpLeak(tau_mem=0.005, dt=0.001),
    "cuba": snn.CubaLIF(tau_mem=0.004, tau_syn=0.003, dt=0.001, bias=0.1, bit_shift=True),
    "parallel": snn.ParallelLIF(tau_mem=0.005, dt=0.001),
    "recurrent": snn.Recurrent(snn.LIF(tau_mem=0.004, dt=0.001), 6),
    "recurrent alif": snn.Recurrent(snn.ALIF(tau_mem=0.004, dt=0.001), 6),
    "delay": snn.AxonalDelay(torch.arange(6) * 0.001, 6, max_delay=0.006),
}


def run_by_steps(model: SpikingSequential, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    step, outputs = SingleStep(model).eval(), []
    states = step.initial_states(x[:, 0])
    for x_t in x.unbind(1):
        y, *after = step(x_t, *states)
        states = tuple(after)
        outputs.append(y)
    return torch.stack(outputs, 1), states


def assert_same(model: SpikingSequential, x: Tensor) -> Tensor:
    with torch.no_grad():
        expected, after = model.eval().run(x)
        found, states = run_by_steps(model, x)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    for one, other in zip(states, packed_states(after), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    return expected


@pytest.mark.parametrize("name", NEURONS)
def test_steps_one_by_one_are_the_run(name: str) -> None:
    torch.manual_seed(len(name))
    x = torch.randn(3, 20, 6) * 2 + 0.5
    assert assert_same(SpikingSequential(NEURONS[name]), x).abs().sum() > 1


def test_several_synapses_take_an_input_each() -> None:
    torch.manual_seed(1)
    layer = snn.Recurrent(snn.CubaLIF(tau_mem=0.004, tau_syn=[0.001, 0.005], dt=0.001), 4)
    model = SpikingSequential(nn.Linear(3, 8), nn.Unflatten(1, (2, 4)), layer)
    assert assert_same(model, torch.rand(2, 15, 3) * 3).sum() > 1


def test_frames_pools_and_branches_are_walked_in_order() -> None:
    torch.manual_seed(2)
    block = snn.Branching(
        {"fc": nn.Linear(9, 9), "spikes": snn.IAF(0.3), "fc2": nn.Linear(9, 9), "more": snn.LIF()},
        sources={"fc2": ("input", "spikes")},
        outputs=("spikes", "more"),
    )
    model = SpikingSequential(
        nn.Conv2d(2, 1, 3), snn.IAF(0.2), nn.AvgPool2d(2), nn.Flatten(), block, nn.Dropout()
    )
    assert assert_same(model, torch.rand(2, 10, 2, 8, 8)).sum() > 1
    assert SingleStep(model).state_names == ("1", "4.spikes", "4.more")


def test_a_layer_without_a_step_is_named() -> None:
    class Odd(StatefulLayer):
        def run(self, x: Tensor, state: object = None) -> tuple[Tensor, object]:
            return x, state

    with pytest.raises(InvalidInput, match="layer '1', a Odd, has no form of one step"):
        SingleStep(SpikingSequential(nn.Linear(2, 2), Odd()))
