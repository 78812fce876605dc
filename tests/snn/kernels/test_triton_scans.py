import pytest
import torch

from eventstore.errors import InvalidInput
from snn.dynamics import Neuron
from snn.kernels.kinds import Kind, encoded
from snn.testing import constants_of

scans = pytest.importorskip("snn.kernels.triton_scans", reason="Triton is not installed")


def kind_of(neuron: Neuron) -> Kind:
    return Kind(*encoded(neuron)[0])


def test_few_neurons_have_programs_of_one_warp() -> None:
    kind = kind_of(Neuron())
    assert scans.layout_of(kind, 1_000).warps == 1
    assert scans.layout_of(kind, 1 << 20).warps == 4
    assert scans.layout_of(kind_of(Neuron(n_synapses=4)), 1_000).group == 2


def test_all_columns_have_a_program() -> None:
    layout = scans.layout_of(kind_of(Neuron()), 1)
    assert scans.programs(3, layout.block + 1, layout) == (6,)


def test_recurrent_neurons_are_refused() -> None:
    with pytest.raises(InvalidInput, match="recurrent"):
        scans.compiled_kind(kind_of(Neuron(recurrent=True)))


def test_caps_share_a_kernel() -> None:
    assert scans.compiled_kind(kind_of(Neuron(max_spikes=3))).max_spikes == 0
    numbers = scans.kernel_numbers(0, (1.0, 2.0), torch.float64, torch.device("cpu"))
    assert numbers.tolist() == [1, 2, float("inf")]


def test_gradients_to_constants_are_those_of_all_or_each() -> None:
    rows, one = torch.ones(2, 6, 3, dtype=torch.float64), constants_of(Neuron())
    assert scans.summed(rows, one, True).tolist() == [[6.0]] * 6
    assert scans.summed(rows, one.expand(6, 3), True).tolist() == [[2.0] * 3] * 6
    assert scans.summed(rows, one, False).numel() == 0
    assert scans.computed(torch.zeros(1, dtype=torch.float16)) == torch.float32
