import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eventstore.errors import InvalidInput
from snn.robustness.integer_rule import RULES, SPECK, XYLO, IntegerRule

# Of numbers as small as 1e-37 the scale itself is infinite.
NUMBERS = st.just(0.0) | st.floats(2.0**-99, 100, width=32) | st.floats(-100, -(2.0**-99), width=32)
VALUES = hnp.arrays(np.float32, st.integers(1, 20), elements=NUMBERS)


@pytest.mark.parametrize("rule", [SPECK, XYLO], ids=lambda rule: rule.name)
@given(values=VALUES)
def test_the_scale_fills_the_bits_and_no_more(rule: IntegerRule, values: np.ndarray) -> None:
    tensor = torch.from_numpy(values)
    scale = rule.largest_scale([tensor], 8)
    if not tensor.any():
        assert scale.isinf()
        return
    found = (tensor * scale).round()
    low, high = rule.bounds(8)
    assert low <= found.min()
    assert found.max() <= high
    assert found.abs().max() >= high  # one less than it could, where all are negative


def test_rules_have_the_bits_of_their_chips() -> None:
    assert [(r.weight_bits, r.state_bits) for r in RULES.values()] == [(8, 16)] * 3
    assert SPECK.bounds(16) == (-32768, 32767)
    assert XYLO.bounds(16) == (-32767, 32767)


@pytest.mark.parametrize("bits", [1, 25, 8.0])
def test_widths_that_float32_does_not_hold_are_refused(bits: int) -> None:
    with pytest.raises(InvalidInput, match=f"weight_bits={bits!r}"):
        IntegerRule(name="mine", weight_bits=bits)
