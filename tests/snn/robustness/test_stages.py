from collections.abc import Sequence

import pytest
from torch import nn

from eventstore.errors import InvalidInput
from snn.layers import ALIF, IAF, LIF, CubaLIF, Recurrent
from snn.robustness.integer_rule import SPECK, XYLO, IntegerRule
from snn.robustness.stages import stages_of
from snn.sequential import SpikingSequential


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
    (stage,) = stages_of(SpikingSequential(nn.Linear(3, 4), Recurrent(neurons, 4)), XYLO)
    assert len(stage.addends()) == 4


@pytest.mark.parametrize(
    ("rule", "layers", "said"),
    [
        (SPECK, [nn.Linear(2, 2), LIF()], r"'1' \(LIF\) .*\n.*no leak: use snn.IAF"),
        (SPECK, [nn.Linear(2, 2), nn.Linear(2, 2), IAF()], r"'0' \(Linear\) .*\n.*neurons after"),
        (SPECK, [nn.Linear(2, 2)], r"'0' \(Linear\) .*\n.*neurons after"),
        (SPECK, [IAF()], r"'0' \(IAF\) .*\n.*linear layer before"),
        (SPECK, [nn.Linear(2, 2), nn.BatchNorm1d(2), IAF()], r"'1' .*\n.*fold normalisation"),
        (SPECK, [nn.AvgPool2d(3), nn.Conv2d(1, 1, 1), IAF()], r"'0' .*\n.*powers of two"),
        (XYLO, [nn.Linear(2, 2), IAF()], r"leaky neurons: use snn.CubaLIF"),
        (XYLO, [nn.Linear(2, 2), ALIF()], r"leaky neurons: use snn.CubaLIF"),
        (XYLO, [nn.Linear(2, 2), CubaLIF()], r"give it bit_shift=True"),
        (XYLO, [nn.Linear(2, 2), LIF(bit_shift=True)], r"give it norm_input=False"),
        (SPECK, [nn.Flatten()], r"no layer of weights"),
    ],
)
def test_what_has_no_integers_is_refused_by_name(
    rule: IntegerRule, layers: Sequence[nn.Module], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        stages_of(SpikingSequential(*layers), rule)
