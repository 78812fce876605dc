"""Biases a tick: exact where the tick is a time step, and refused where they leave 8 bits."""

import numpy as np
import pytest
import torch
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.results import QuantizedGraph
from devices.speck.chip import SPECK2F
from devices.speck.quantize import quantize_graph
from devices.speck.slow_clock import check_slow_clock, on_slow_clock
from eventstore.errors import DoesNotFit, InvalidInput


@pytest.fixture
def q() -> QuantizedGraph:
    model = snn.SpikingSequential(nn.Conv2d(1, 3, 1), snn.IAF(), nn.Conv2d(3, 1, 1, bias=False))
    model.append(snn.IAF())
    nn.init.ones_(model[0].weight)  # type: ignore[arg-type]
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([0.5, -0.25, 0.01]))  # type: ignore[operator]
    return quantize_graph(graph_from_model(model, (1, 4, 4)), SPECK2F)


def bias_of(q: QuantizedGraph) -> list[int]:
    assert q.layers[0].bias is not None
    assert q.layers[1].bias is None
    return [int(bias) for bias in q.layers[0].bias]


def test_a_tick_of_one_time_step_changes_nothing(q: QuantizedGraph) -> None:
    assert bias_of(q) == [64, -32, 1]
    assert bias_of(on_slow_clock(q, dt=0.01, tick=0.01)) == [64, -32, 1]
    assert check_slow_clock(q, dt=0.01, tick=0.01) == []


def test_a_tick_of_half_a_step_halves_and_says_what_is_lost(q: QuantizedGraph) -> None:
    assert bias_of(on_slow_clock(q, dt=0.01, tick=0.005)) == [32, -16, 0]
    (finding,) = check_slow_clock(q, dt=0.01, tick=0.005)
    assert finding.where == "0"
    assert "off by up to 0.5, 1 of 3 round to nothing" in finding.message


def test_what_cannot_be_is_refused(q: QuantizedGraph) -> None:
    with pytest.raises(DoesNotFit, match=r"'0' become -96 … 192 a tick of 0\.03 s") as caught:
        on_slow_clock(q, dt=0.01, tick=0.03)
    assert caught.value.hint == "let the slow clock tick at least every 0.0198 s"
    with pytest.raises(InvalidInput, match="not both positive"):
        on_slow_clock(q, dt=0.0, tick=np.inf)
