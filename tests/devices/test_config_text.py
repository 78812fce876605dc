"""The text of configurations: one spelling, short lines, nothing lost."""

import difflib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devices.config_text import WIDTH, config_text

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(-9, 9)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(config=st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4))
def test_any_json_reads_back_with_its_order(config: dict[str, Any]) -> None:
    text = config_text(config)
    back = json.loads(text)
    assert back == config
    assert list(back) == list(config)
    assert config_text(back) == text


def test_one_changed_weight_is_one_changed_line() -> None:
    config = {"weights": [[[[1, 2, 3], [4, 5, 6]]], [[[7, 8, 9], [0, 1, 2]]]]}
    before = config_text(config).splitlines()
    config["weights"][1][0][0][2] = -9
    after = config_text(config).splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert changed == ["-     [7, 8, 9],", "+     [7, 8, -9],"]


def test_a_group_that_is_too_long_is_broken_and_a_row_is_not() -> None:
    row = list(range(100))
    text = config_text({"a": {f"name{k}": k for k in range(20)}, "row": row})
    assert f' "row": {row}' in text.splitlines()
    assert all(len(line) <= WIDTH for line in text.splitlines() if "row" not in line)
    assert '  "name19": 19' in text.splitlines()
