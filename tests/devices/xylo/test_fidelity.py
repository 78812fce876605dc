"""Reports of Xylo: floats against integers, layer by layer."""

import json
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

import snn
from devices.chips import chip
from devices.report_options import ReportOptions
from devices.report_page import report_page
from devices.tables import layer_rows, summary
from eventstore.errors import InvalidInput
from tests.devices.xylo.models import linear, made


class Batch(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


def drawn(n: int = 6, n_steps: int = 40) -> Batch:
    generator = torch.Generator().manual_seed(3)
    x = torch.poisson(torch.full((n, n_steps, 6), 1.0), generator)
    length = torch.tensor([n_steps, n_steps - 7] * (n // 2))
    return Batch(x, torch.arange(n) % 3, length)


@pytest.mark.parametrize("kind", ["biased", "residual"])
def test_a_report_compares_every_layer(kind: str) -> None:
    model = made(kind)
    report = chip("xylo_audio3").report(model, [drawn()], ReportOptions(seconds_per_sample=0.4))
    assert report.fits
    assert report.integer_way is not None
    assert report.event_way is None
    assert report.n_samples == 6
    assert report.n_steps == 36.5
    hidden = report.layers[:-1]
    assert all(layer.float_spikes > 0 and layer.synops > 0 for layer in hidden)
    assert all(layer.integer_spikes > 0.5 * layer.float_spikes for layer in hidden)
    assert all(like is not None and like.overlap > 0.7
               for like in (layer.integer_likeness for layer in hidden))  # fmt: skip
    assert report.power is not None
    assert report.power.synops_per_second is not None
    text = json.dumps(report.to_dict())
    assert "NaN" not in text
    assert summary(report)[0] == ("fits", "yes")
    assert len(layer_rows(report)) == len(report.layers) + 1
    assert "<html" in report_page(report, title="a", about="b")


def test_a_model_that_does_not_fit_is_measured_in_floats_alone() -> None:
    model = snn.SpikingSequential(linear(6, 4), snn.IAF(), linear(4, 3), snn.IAF())
    report = chip("xylo_imu").report(model, [drawn()])
    assert not report.fits
    assert report.integer_accuracy is None
    assert {f.check for f in report.findings if f.is_error} == {"neuron-kind"}
    with pytest.raises(InvalidInput, match="not a single sample"):
        chip("xylo_imu").report(model, [])


def test_what_the_chip_held_back_is_told() -> None:
    loud = drawn()._replace(x=20 * drawn().x)
    report = chip("xylo_audio3").report(made("recurrent"), [loud])
    checks = {finding.check: finding for finding in report.findings}
    assert "inputs-capped" in checks
    assert "were above 15 spikes a step and were cut" in checks["inputs-capped"].message
