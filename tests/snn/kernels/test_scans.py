import numpy as np
import pytest
import torch

from snn.dynamics import Neuron
from snn.kernels.kinds import Kind, encoded
from snn.kernels.scans import (
    backward_of,
    forward_of,
    membrane_numbers,
    scan,
    scan_back,
    variant_of,
)
from snn.kernels.template import STRIDE
from snn.testing import constants_of, random_case


def test_a_variant_is_what_the_neuron_consists_of() -> None:
    kind = Kind(*encoded(Neuron(n_synapses=1, min_v_mem=-1.0, reset="set"))[0])
    found = variant_of(kind, each=True, double=True, learns=False, pooled=False)
    assert (found.n_synapses, found.bounded, found.reset) == (1, True, 1)
    assert (found.each, found.learns, found.double) == (True, False, True)


def test_a_kernel_is_of_the_kind_the_constants_and_what_is_wanted() -> None:
    plain, exponential = Kind(*encoded(Neuron())[0]), Kind(*encoded(Neuron(n_synapses=1))[0])
    one, each, double = np.ones((7, 1), np.float32), np.ones((7, 2), np.float32), np.ones((7, 1))
    given: list[tuple[Kind, np.ndarray]]
    given = [(plain, one), (exponential, one), (plain, each), (plain, double)]
    forward = [
        forward_of(kind, rows, pooled=pooled) for kind, rows in given for pooled in (False, True)
    ]
    backward = [
        backward_of(kind, rows, learns=learns, pooled=pooled)
        for kind, rows in given
        for learns in (False, True)
        for pooled in (False, True)
    ]
    assert len(set(forward)) == 8
    assert len(set(backward)) == 16
    assert forward_of(plain, one.copy(), pooled=False) is forward[0]
    assert backward_of(plain, one.copy(), learns=False, pooled=False) is backward[0]
    bell = plain._replace(surrogate=3, detached=1)
    assert forward_of(bell, one, pooled=False) is forward[0]  # no part of the way forward
    assert backward_of(bell, one, learns=False, pooled=False) not in backward


def test_no_cap_is_infinite() -> None:
    kind, numbers = encoded(Neuron(min_v_mem=-0.5))
    found = membrane_numbers(Kind(*kind), numbers, torch.zeros(1).numpy().dtype)
    assert [float(one) for one in found] == [-0.5, 0.0, float("inf")]


def test_states_are_kept_every_stride() -> None:
    kind, numbers = encoded(Neuron(spiking=False))
    x = torch.ones(1, 2 * STRIDE + 1, 1, 2)
    rows = constants_of(Neuron(spiking=False))
    y, last, kept = scan(x, torch.zeros(1, 1, 2), rows, None, kind, numbers)
    assert kept[0, :, 0, 0].tolist() == [0, STRIDE, 2 * STRIDE]
    assert last.flatten().tolist() == [2 * STRIDE + 1] * 2
    assert y[0, :3, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("wants", [(False, False), (True, False), (False, True), (True, True)])
def test_only_wanted_gradients_are_computed(wants: tuple[bool, bool]) -> None:
    case = random_case(Neuron(recurrent=True), (2, 9, 3), seed=0).to(torch.float32)
    kind, numbers = encoded(case.neuron)
    given = (case.constants, case.weight, kind, numbers)
    y, _, kept = scan(case.x, case.state, *given)
    back = (case.x, kept, case.constants, case.weight, y, kind, numbers, wants)
    grad_x, grad_state, grad_constants, grad_weight = scan_back(case.grads, *back)
    assert (grad_x.shape, grad_state.shape) == (case.x.shape, case.state.shape)
    assert grad_constants.numel() == (case.constants.numel() if wants[0] else 0)
    assert grad_weight.numel() == (9 if wants[1] else 0)
