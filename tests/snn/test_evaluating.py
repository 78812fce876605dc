from contextlib import suppress

import pytest
from torch import nn

from snn.evaluating import evaluating


def _modes(model: nn.Module) -> list[bool]:
    return [module.training for module in model.modules()]


@pytest.mark.parametrize("fails", [False, True])
def test_each_module_gets_its_own_mode_back(fails: bool) -> None:
    frozen = nn.Sequential(nn.BatchNorm2d(2), nn.Dropout()).eval()
    model = nn.Sequential(nn.Linear(2, 2), frozen, nn.Dropout())
    before = _modes(model)
    with suppress(ZeroDivisionError), evaluating(model):
        assert not any(_modes(model))
        assert 1 / (not fails) == 1.0
    assert _modes(model) == before == [True, True, False, False, False, True]
