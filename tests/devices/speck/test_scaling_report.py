"""What a chosen scale is said to gain and to clip."""

import pytest
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.speck.chip import SPECK2F
from devices.speck.scaling import RULE, Scaling
from devices.speck.scaling_report import check_scaling
from eventstore.findings import Severity


def layer(threshold: float, low: float) -> Graph:
    model = snn.SpikingSequential(nn.Conv2d(1, 1, 3, bias=False), snn.IAF(threshold, low))
    nn.init.constant_(model[0].weight, 0.3)  # type: ignore[arg-type]
    return graph_from_model(model, (1, 4, 4))


@pytest.mark.parametrize(
    ("graph", "scaling", "severity", "said"),
    [
        (layer(1.0, -3e4), Scaling(clip_lower_bound=True), Severity.INFO, "lower bound -3e+04"),
        (layer(3e4, -1.0), Scaling(clip_threshold=True), Severity.WARNING, "threshold 3e+04"),
    ],
)
def test_what_is_clipped_is_said(
    graph: Graph, scaling: Scaling, severity: Severity, said: str
) -> None:
    (finding,) = check_scaling(graph, SPECK2F, {"0": scaling})
    assert (finding.severity, finding.where, finding.check) == (severity, "0", "scale-chosen")
    assert said in finding.message
    assert "in place of 100." in finding.message


def test_the_rule_has_nothing_to_say() -> None:
    assert check_scaling(layer(1.0, -3e4), SPECK2F, RULE) == []
    assert check_scaling(layer(1.0, -1.0), SPECK2F, Scaling(clip_lower_bound=True)) == []
