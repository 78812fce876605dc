"""Rules of a layer, one at a time and at the edge of each limit."""

import numpy as np
import pytest

from devices.nodes import Conv, Spiking
from devices.speck.chip import SPECK2F
from devices.speck.cores import CoreLayer
from devices.speck.layer_rules import LAYER_RULES, words_of
from eventstore.findings import Severity


def layer(**changes: object) -> CoreLayer:
    fields: dict[str, object] = {
        "weight": np.ones((4, 2, 3, 3), np.float32),
        "bias": None,
        "input_shape": (2, 16, 16),
        "output_shape": (4, 14, 14),
    }
    conv = Conv(name="a", **{**fields, **changes})  # type: ignore[arg-type]
    shape = conv.output_shape
    neurons = Spiking(
        name="b", input_shape=shape, output_shape=shape, kind="IAF", spike_threshold=1.0
    )
    return CoreLayer(conv=conv, spiking=neurons)


def broken(case: CoreLayer) -> list[str]:
    rules = [rule for rule in LAYER_RULES if rule.severity is Severity.ERROR]
    return [rule.name for rule in rules if rule.test(case, SPECK2F)]


EDGES = [
    ("kernel-size", {"weight": np.ones((1, 1, 16, 16), np.float32)}),
    ("padding", {"padding": (7, 7)}),
    ("stride", {"stride": (8, 4)}),
    ("input-size", {"input_shape": (2, 128, 128), "stride": (4, 4), "output_shape": (4, 32, 32)}),
    ("output-size", {"input_shape": (2, 66, 66), "output_shape": (4, 64, 64)}),
    (
        "features",
        {
            "weight": np.ones((1024, 2, 1, 1), np.float32),
            "input_shape": (2, 4, 4),
            "output_shape": (1024, 4, 4),
        },
    ),
]


@pytest.mark.parametrize(("rule", "changes"), EDGES, ids=[name for name, _ in EDGES])
def test_a_layer_at_the_edge_of_a_limit_is_accepted(rule: str, changes: dict[str, object]) -> None:
    assert broken(layer(**changes)) == [], rule


OVER = [
    ("kernel-size", {"weight": np.ones((1, 1, 17, 17), np.float32)}),
    ("padding", {"padding": (0, 8)}),
    ("stride", {"stride": (16, 1)}),
    ("input-size", {"input_shape": (2, 129, 8)}),
    ("output-size", {"output_shape": (4, 8, 65)}),
    ("features", {"input_shape": (1025, 4, 4), "output_shape": (4, 4, 4)}),
]


@pytest.mark.parametrize(("rule", "changes"), OVER, ids=[name for name, _ in OVER])
def test_a_layer_one_over_a_limit_is_refused(rule: str, changes: dict[str, object]) -> None:
    assert rule in broken(layer(**changes))


def test_words_count_every_input_feature_even_of_groups() -> None:
    grouped = layer(weight=np.ones((4, 1, 3, 3), np.float32), groups=2)
    assert words_of(grouped).kernel == 2 * 16 * 4
    assert broken(grouped) == ["groups"]
