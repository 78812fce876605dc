from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from devices.dynapse.family import dynapse2
from devices.report_options import ReportOptions
from eventstore.errors import InvalidInput
from snn.dpi.layer import DPI
from snn.sequential import SpikingSequential
from tests.devices.dynapse.small_nets import small_dpi_graph, small_model


class Batch(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


def batch_of(n: int = 12, n_in: int = 8) -> Batch:
    x = torch.poisson(torch.full((n, 30, n_in), 0.3), torch.Generator().manual_seed(0))
    return Batch(x, torch.arange(n) % 3, torch.full((n,), 30))


def test_compares_layer_by_layer_what_four_bits_cost() -> None:
    model, batch = small_model(), batch_of()
    with torch.no_grad():
        said = model(batch.x).sum(1).argmax(1)
    report = dynapse2.report(model, [batch], ReportOptions(seconds_per_sample=0.03))
    assert report.fits
    assert report.n_samples == 12
    assert report.float_accuracy == pytest.approx((said == batch.label).float().mean().item())
    assert report.agreement is not None
    assert report.agreement >= 0.8
    first, last = report.layers
    assert (first.name, last.spiking_name) == ("0", "3")
    fan_in = dynapse2.quantize(small_dpi_graph()).populations[0].fan_in
    assert first.use.kernel_words == fan_in.sum() > 100
    assert first.integer_spikes == pytest.approx(first.float_spikes, rel=0.2)
    assert 0 < last.synops <= 3 * first.integer_spikes
    assert report.to_dict()["chip"] == "dynapse2"


def test_a_model_that_does_not_fit_has_its_own_accuracy_alone() -> None:
    wide = SpikingSequential(nn.Linear(90, 3, bias=False), DPI())
    report = dynapse2.report(wide, [batch_of(n_in=90)])
    assert not report.fits
    assert report.layers == ()
    assert [f.check for f in report.findings if f.is_error] == ["fan-in"]


def test_no_samples_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not a single sample"):
        dynapse2.report(small_model(), [])
