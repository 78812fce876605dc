from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput, NotFound
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.models import MODELS
from snn.models.dpi_mlp import dpi_mlp
from snn.sequential import SpikingSequential


@pytest.mark.parametrize(
    "options",
    [{}, {"recurrent": True, "dropout": 0.1}, {"tau_inh": 0.03}],
    ids=["plain", "all", "inhibition"],
)
def test_it_learns_two_sounds(
    options: dict[str, Any], learns_two_sounds: Callable[[SpikingSequential], float]
) -> None:
    torch.manual_seed(1)
    net = dpi_mlp(2, (12,), hidden=(32,), **options)
    assert learns_two_sounds(net) >= 0.95


def test_frames_are_flattened_and_layers_are_as_asked() -> None:
    net = MODELS["dpi_mlp"](5, (2, 4, 4), hidden=[6, 7], recurrent=True, dt=0.002)
    assert net(torch.ones(3, 4, 2, 4, 4)).shape == (3, 4, 5)
    neurons = [module for module in net if isinstance(module, DPI)]
    assert [one.dt for one in neurons] == [0.002] * 3
    widths = [None if one.weight is None else len(one.weight) for one in neurons]
    assert widths == [6, 7, None]
    linear = [module for module in net if isinstance(module, nn.Linear)]
    assert [module.bias for module in linear] == [None] * 3


def test_inhibition_has_synapses_of_its_own_time() -> None:
    net = dpi_mlp(3, (4,), hidden=(5,), tau_syn=0.03, tau_inh=0.06)
    neurons = net[1]
    assert isinstance(neurons, DPI)
    currents = neurons.constants
    assert (currents["itau_syn"] / currents["itau_inh"]).item() == pytest.approx(2)
    assert [type(module) for module in net] == [SignedLinear, DPI] * 2
    with pytest.raises(InvalidInput, match="recurrent"):
        dpi_mlp(3, (4,), recurrent=True, tau_inh=0.06)


def test_numbers_out_of_range_are_refused_with_the_builder() -> None:
    with pytest.raises(InvalidInput, match=r"hidden\[1\]=0 of dpi_mlp"):
        dpi_mlp(5, (4,), hidden=(3, 0))
    with pytest.raises(InvalidInput, match=r"tau_mem=0\.0 of dpi_mlp"):
        dpi_mlp(5, (4,), tau_mem=0.0)
    with pytest.raises(InvalidInput, match=r"dropout=1\.0 of dpi_mlp"):
        dpi_mlp(5, (4,), dropout=1.0)
    with pytest.raises(NotFound, match="surrogate"):
        dpi_mlp(5, (4,), surrogate="square")
