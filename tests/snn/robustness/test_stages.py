from collections.abc import Sequence
from typing import Any

import pytest
from torch import nn

from eventstore.errors import InvalidInput
from snn.branching import Branching
from snn.layers import ALIF, IAF, LIF, CubaLIF, Recurrent
from snn.robustness.integer_rule import SPECK, XYLO, IntegerRule
from snn.robustness.stages import stages_of
from snn.sequential import SpikingSequential

LINEAR = nn.Linear(2, 2, bias=False)


def shifting(**options: Any) -> CubaLIF:  # as CubaLIF takes them
    return CubaLIF(bit_shift=True, **options)


def test_averages_rescale_the_weights_after_them() -> None:
    net = SpikingSequential(
        nn.Conv2d(2, 4, 3),
        IAF(),
        nn.AvgPool2d(2),
        nn.AvgPool2d((2, 1)),
        nn.Flatten(),
        nn.Dropout(0.1),
        nn.Linear(16, 3),
        IAF(min_v_mem=-1.0, reset="set", v_reset=0.25),
    )
    first, last = stages_of(net, SPECK)
    assert (first.rescale, last.rescale) == (1.0, 1 / 8)
    assert [len(first.addends()), len(last.addends())] == [2, 2]
    assert [float(v) for v in last.states()] == [1.0, -1.0, 0.25]


def test_recurrent_weights_and_biases_of_neurons_meet_in_the_sum() -> None:
    neurons = CubaLIF(tau_syn=0.01, bias=0.1, bit_shift=True)
    hidden = [nn.Linear(3, 4, bias=False), Recurrent(neurons, 4)]
    last = [nn.Linear(4, 2, bias=False), CubaLIF(bit_shift=True)]
    first, _ = stages_of(SpikingSequential(*hidden, *last), XYLO)
    assert len(first.addends()) == 3


def test_paths_that_part_are_followed_and_meet_in_sums_of_spikes() -> None:
    block = Branching(
        {"fc": nn.Linear(4, 4), "iaf": IAF(), "fc2": nn.Linear(4, 4), "iaf2": IAF()},
        sources={"fc2": ("input", "iaf")},
        outputs=("iaf", "iaf2"),
    )
    net = SpikingSequential(nn.Linear(2, 4), IAF(), block, nn.Linear(4, 2), IAF())
    names = [(stage.name, stage.spiking_name) for stage in stages_of(net, SPECK)]
    assert names == [("0", "1"), ("2.fc", "2.iaf"), ("2.fc2", "2.iaf2"), ("3", "4")]


def branching(sources: dict[str, tuple[str, ...]], outputs: tuple[str, ...]) -> Branching:
    paths: dict[str, nn.Module] = {
        "conv": nn.Conv2d(1, 1, 1),
        "pool": nn.AvgPool2d(2),
        "iaf": IAF(),
        "sum": nn.LPPool2d(1, 2),
    }
    return Branching(
        paths, sources={"pool": ("input",), "sum": ("input",), **sources}, outputs=outputs
    )


@pytest.mark.parametrize(
    ("rule", "layers", "said"),
    [
        (SPECK, [nn.Linear(2, 2), LIF()], r"'1' \(LIF\) .*\n.*no leak: use snn.IAF"),
        (SPECK, [nn.Linear(2, 2), nn.Linear(2, 2), IAF()], r"'0' \(Linear\) .*\n.*neurons after"),
        (SPECK, [nn.Linear(2, 2)], r"'0' \(Linear\) .*\n.*neurons after"),
        (SPECK, [IAF()], r"'0' \(IAF\) .*\n.*linear layer before"),
        (SPECK, [nn.Linear(2, 2), nn.BatchNorm1d(2), IAF()], r"'1' .*\n.*fold normalisation"),
        (SPECK, [nn.AvgPool2d(3), nn.Conv2d(1, 1, 1), IAF()], r"'0' .*\n.*powers of two"),
        (XYLO, [LINEAR, IAF()], r"synapses and neurons: snn.CubaLIF"),
        (XYLO, [LINEAR, ALIF()], r"synapses and neurons: snn.CubaLIF"),
        (XYLO, [LINEAR, LIF(bit_shift=True, norm_input=False)], r"snn.CubaLIF"),
        (XYLO, [LINEAR, CubaLIF()], r"give it bit_shift=True"),
        (XYLO, [LINEAR, shifting(norm_input=True)], r"give it norm_input=False"),
        (XYLO, [LINEAR, shifting(reset="set")], r'give it reset="subtract"'),
        (XYLO, [LINEAR, shifting(min_v_mem=-1.0)], r"leave out min_v_mem"),
        (XYLO, [LINEAR, shifting(tau_mem=66.0)], r"time constants up to 2\^15 dt"),
        (XYLO, [nn.Linear(2, 2), shifting()], r"'0' \(Linear\) .*\n.*bias=False\), CubaLIF\(bias"),
        (XYLO, [nn.Conv2d(2, 2, 1), shifting()], r"'0' \(Conv2d\) .*\n.*use nn.Linear"),
        (XYLO, [nn.AvgPool2d(2), LINEAR, shifting()], r"'0' \(AvgPool2d\)"),
        (XYLO, [LINEAR, Recurrent(shifting(), 2)], r"last layer feeds nothing"),
        (XYLO, [LINEAR, shifting(tau_syn=[0.01, 0.02])], r"1 synapse a neuron in the last layer"),
        (
            XYLO,
            [LINEAR, shifting(tau_syn=[0.01] * 3), LINEAR, shifting()],
            r"2 synapses a neuron in hidden layers",
        ),
        (XYLO, [LINEAR, shifting(dt=0.002), LINEAR, shifting()], r"'1' .*\n.*dt=0\.001"),
        (SPECK, [nn.Flatten()], r"no layer of weights"),
        (SPECK, [branching({"iaf": ("conv",)}, ("input", "conv"))], r"neurons before they meet"),
        (SPECK, [branching({"iaf": ("conv",)}, ("pool", "sum"))], r"averaged over equal windows"),
        (
            SPECK,
            [nn.Conv2d(1, 1, 1), branching({"conv": ("input",)}, ("conv",))],
            r"'0' \(Conv2d\) .*\n.*neurons after",
        ),
        (
            SPECK,
            [Branching({"fc": LINEAR, "a": IAF(), "b": IAF()}, sources={"b": ("fc",)})],
            r"'0.fc' feeds other neurons",
        ),
        (XYLO, [Branching({"fc": LINEAR}), shifting()], r"'0' \(Branching\)"),
    ],
)
def test_what_has_no_integers_is_refused_by_name(
    rule: IntegerRule, layers: Sequence[nn.Module], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        stages_of(SpikingSequential(*layers), rule)
