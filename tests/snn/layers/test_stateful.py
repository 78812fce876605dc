import pytest
import torch

from eventstore.errors import InvalidInput
from snn.layers import IAF, LIF, StatefulLayer
from snn.layers.stateful import check_time_axis


def test_one_step_has_no_time_axis() -> None:
    y, state = LIF(0.001).step(torch.full((2, 3), 5.0))
    assert y.shape == (2, 3)
    assert isinstance(LIF(), StatefulLayer)
    assert state.v_mem.shape == (2, 3)


def test_the_axis_that_lacks_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"IAF takes \(batch, time, …\), not \(2,\)"):
        check_time_axis(IAF(), torch.ones(2))
