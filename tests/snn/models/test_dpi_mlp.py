from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput, NotFound
from snn.dpi.layer import DPI
from snn.models import MODELS
from snn.models.dpi_mlp import dpi_mlp
from snn.sequential import SpikingSequential


@pytest.mark.parametrize("options", [{}, {"recurrent": True, "dropout": 0.1}], ids=["plain", "all"])
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


def test_numbers_out_of_range_are_refused_with_the_builder() -> None:
    with pytest.raises(InvalidInput, match=r"hidden\[1\]=0 of dpi_mlp"):
        dpi_mlp(5, (4,), hidden=(3, 0))
    with pytest.raises(InvalidInput, match=r"tau_mem=0\.0 of dpi_mlp"):
        dpi_mlp(5, (4,), tau_mem=0.0)
    with pytest.raises(InvalidInput, match=r"dropout=1\.0 of dpi_mlp"):
        dpi_mlp(5, (4,), dropout=1.0)
    with pytest.raises(NotFound, match="surrogate"):
        dpi_mlp(5, (4,), surrogate="square")
