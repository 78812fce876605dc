"""Differences of configurations: every one is told, and only those."""

import copy
import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from devices.config_diff import diff_configs

CONFIG: dict[str, Any] = {
    "header": {"chip": "speck2f", "format_version": 1},
    "cnn_layers": [
        {"weights": [[[[1, 2], [3, 4]]]], "leak_enable": False, "threshold_high": 127},
        {"destinations": [{"layer": 1, "enable": True}]},
    ],
}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    config = copy.deepcopy(CONFIG)
    at: Any = config
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return config


def test_equal_configurations_differ_in_nothing() -> None:
    assert diff_configs(CONFIG, json.loads(json.dumps(CONFIG))) == []


def test_a_plain_field_tells_both_values() -> None:
    (found,) = diff_configs(CONFIG, changed(("cnn_layers", 0, "leak_enable"), value=True))
    assert (found.path, found.text) == ("cnn_layers[0].leak_enable", "false → true")
    (found,) = diff_configs(CONFIG, changed(("cnn_layers", 1, "destinations", 0, "layer"), 3))
    assert (found.path, found.text) == ("cnn_layers[1].destinations[0].layer", "1 → 3")
    (found,) = diff_configs(CONFIG, changed(("header", "format_version"), value=True))
    assert found.text == "1 → true"  # equal to Python, not the same in JSON


def test_fields_that_one_lacks_are_named() -> None:
    more = changed(("readout",), {"enable": False})
    (found,) = diff_configs(CONFIG, more)
    assert (found.path, found.text) == ("readout", "absent → {enable}")
    (found,) = diff_configs(more, CONFIG)
    assert found.text == "{enable} → absent"
    longer = changed(("cnn_layers",), [*CONFIG["cnn_layers"], {"a": [[1, 2]]}])
    assert [d.path for d in diff_configs(CONFIG, longer)] == ["cnn_layers[2]"]
    assert [d.path for d in diff_configs(longer, CONFIG)] == ["cnn_layers[2]"]


def test_arrays_of_other_shapes_tell_both() -> None:
    other = changed(("cnn_layers", 0, "weights"), [[[[1, 2]]]])
    (found,) = diff_configs(CONFIG, other)
    assert found.text == "1×1×2×2 integers → 1×1×1×2 integers"
    ragged = changed(("cnn_layers", 0, "weights"), [[[[1, 2], [3]]]])
    (found,) = diff_configs(CONFIG, ragged)
    assert found.path == "cnn_layers[0].weights[0][0][1]"


@given(seed=st.integers(0, 2**32 - 1), n_changed=st.integers(1, 24))
def test_an_array_sums_up_what_changed(seed: int, n_changed: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.integers(-128, 128, (2, 3, 2, 2))
    after = before.copy()
    places = rng.choice(before.size, n_changed, replace=False)
    after.flat[places] += rng.choice([-1, 1], n_changed) * rng.integers(1, 50, n_changed)
    (found,) = diff_configs({"w": before.tolist()}, {"w": after.tolist()})
    change = after - before
    assert (found.n_changed, found.n_all) == (n_changed, before.size)
    assert abs(found.largest) == np.abs(change).max()
    at = tuple(int(index) for index in found.largest_at.strip("[]").split("]["))
    assert change[at] == found.largest
    assert found.to_dict()["before"] == "2×3×2×2 integers"


def test_flags_sum_up_too() -> None:
    (found,) = diff_configs({"kill": [[True, False]]}, {"kill": [[False, False]]})
    assert found.text == "1 of 2 differ, most by -1 at [0][0]"
