"""What rounding spoils is told, layer by layer."""

from dataclasses import replace

import numpy as np

from devices.xylo.chip import XYLO_AUDIO3
from devices.xylo.quantize import Rounding, quantize
from devices.xylo.rounding_checks import check_rounded
from devices.xylo.specification import XyloSpecification, specification_of
from eventstore.findings import Finding, Severity
from tests.devices.xylo.models import graph_of, made


def told(floats: XyloSpecification, rounding: Rounding) -> dict[str, Finding]:
    net = quantize(floats, XYLO_AUDIO3, rounding)
    return {f.check: f for f in check_rounded(floats, net, XYLO_AUDIO3, rounding)}


def test_a_network_that_rounds_well_is_not_mentioned() -> None:
    assert not told(specification_of(graph_of(made("recurrent")), XYLO_AUDIO3), Rounding())


def test_clipped_lost_and_coarse_weights_and_thresholds_are_told() -> None:
    floats = specification_of(graph_of(made("feed-forward")), XYLO_AUDIO3)
    clipped = told(floats, Rounding(percentile=60))["clipped-weights"]
    assert clipped.severity is Severity.INFO
    assert "weights are clipped" in clipped.message
    tiny = replace(floats, threshold=floats.threshold * 1e-5)
    assert told(tiny, Rounding())["threshold-rounds-to-zero"].is_error
    high = replace(floats, threshold_out=floats.threshold_out * 2000)
    assert told(high, Rounding())["coarse-weights"].where == floats.layers[-1].name
    one_large = replace(floats, w_in=floats.w_in.copy())
    one_large.w_in[0, 0, 0] = 1e3
    lost = told(one_large, Rounding(method="global"))["weights-round-to-zero"]
    assert np.count_nonzero(quantize(one_large, XYLO_AUDIO3).w_in) > 10
    assert "weights round to 0" in lost.message
