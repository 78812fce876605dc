"""Hints name repairs that there are, and the right one for stamps that ran over."""

import re

import pytest

from eventstore.repairs import named_repairs
from eventstore.repairs.hints import USUAL_BITS, back_step_hint


@pytest.mark.parametrize("bits", USUAL_BITS)
def test_a_step_over_nearly_the_whole_range_is_a_wrap(bits: int) -> None:
    assert f"'unwrap:bits={bits}'" in back_step_hint((1 << bits) - 5, 3)
    assert "unwrap" not in back_step_hint((1 << bits) + 5, 3)
    assert "unwrap" not in back_step_hint((1 << (bits - 1)) + 99, 3)


def test_all_repairs_named_are_there() -> None:
    for step in (1, 272_304, (1 << 24) - 1):
        names = re.findall(r"'([^']+)'", back_step_hint(10**9 + step, 10**9))
        assert [repair.name for repair in named_repairs(names)]
