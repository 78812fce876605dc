from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput, NotFound
from snn.dpi.circuit import CURRENTS
from snn.dpi.layer import DPI
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.numbers import run_with
from snn.sequential import SpikingSequential

PEER = {name: name.replace("i", "I", 1) for name in CURRENTS}
"""The peer's spelling of our names."""


def test_equals_the_vector_of_the_vendors_simulator(shared_oracles: Path) -> None:
    vector = np.load(shared_oracles / "dynapsim_layer.npz")
    currents = {name: torch.tensor(vector[f"p_{peer}"]) for name, peer in PEER.items()}
    layer = DPI(currents, 1e-3, n_recurrent=4, i_scale=float(vector["p_Iscale"][0]))
    layer.load_state_dict(layer.state_dict() | {"weight": torch.tensor(vector["w_rec"])})
    x = torch.tensor(vector["x"])
    with torch.no_grad():
        record, fused = layer.record(x), layer(x)
    assert vector["spikes"].sum() > 100
    np.testing.assert_array_equal(fused.numpy(), vector["spikes"])
    np.testing.assert_array_equal(record.spikes.numpy(), vector["spikes"])
    for name in ("i_syn", "i_ahp", "i_mem", "v_mem"):
        wanted, found = vector[f"rec_{name.replace('_', '')}"], getattr(record, name).numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).min())


def test_runs_in_parts_as_it_runs_at_once() -> None:
    layer = DPI(n_recurrent=3)
    x = 6 * torch.rand(2, 30, 3)
    whole, last = layer.run(x)
    first, state = layer.run(x[:, :13])
    second, end = layer.run(x[:, 13:], state)
    assert torch.equal(torch.cat((first, second), 1), whole)
    assert torch.equal(end, last)
    assert whole.sum() > 0


def test_currents_may_differ_from_neuron_to_neuron() -> None:
    layer = DPI({"ispkthr": torch.tensor([1e-7, 1e-2])})
    y = layer(torch.full((1, 100, 2), 6.0)).sum(1)[0]
    assert y[0] > y[1]


def test_trained_currents_get_gradients() -> None:
    layer = DPI(train=("itau_mem", "igain_syn"))
    y = layer(torch.full((2, 60, 3), 6.0))
    torch.autograd.backward(y.sum())
    for name, value in layer.named_parameters():
        assert value.grad is not None, name
        assert value.grad.abs() > 0, name


def test_each_neuron_of_a_chip_has_currents_of_its_own() -> None:
    net = SpikingSequential(nn.Linear(2, 3, bias=False), DPI(train=("itau_mem",)))
    x = torch.full((1, 50, 2), 20.0)
    chip = draw_mismatch(net, Mismatch(sigma=0.2, weights=False), x)
    assert {path: len(value) for path, value in chip.items()} == {
        f"1.constants.{'log_' * (name == 'itau_mem')}{name}": 3 for name in CURRENTS
    }
    assert "1.constants.itau_syn" not in draw_mismatch(
        net, Mismatch(sigma=0.2, time_constants=False), x
    )
    assert run_with(net, chip, x).shape == (1, 50, 3)


def test_half_precision_runs_by_the_reference() -> None:
    x = torch.full((1, 20, 2), 5.0)
    y = DPI()(x.bfloat16())
    assert y.dtype == torch.bfloat16
    assert y.shape == (1, 20, 2)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: DPI({"itau_memm": 1e-12}), "no bias current 'itau_memm'"),
        (lambda: DPI(train=("itau",)), "no constant to train 'itau'"),
    ],
)
def test_names_that_are_not_there_are_refused(make: object, said: str) -> None:
    with pytest.raises(NotFound, match=said):
        make()  # type: ignore[operator]  # a function of none


def test_inputs_that_do_not_fit_are_refused() -> None:
    layer = DPI(n_recurrent=3)
    with pytest.raises(InvalidInput, match=r"\(2, 5, 4\) is not \(…, 3\)"):
        layer(torch.ones(2, 5, 4))
    with pytest.raises(InvalidInput, match=r"\(2, 5, 3, 1\) is not"):
        layer(torch.ones(2, 5, 3, 1))
    with pytest.raises(InvalidInput, match="does not fit input"):
        layer.run(torch.ones(2, 5, 3), torch.ones(1, 6, 3))
    with pytest.raises(InvalidInput, match="2 currents of a kind for 3 neurons"):
        DPI({"idc": [1e-12, 2e-12]})(torch.ones(1, 5, 3))
    with pytest.raises(InvalidInput, match="i_scale=0 is not positive"):
        DPI(i_scale=0)
