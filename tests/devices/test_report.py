"""Report: what floats and integers say about the same samples."""

import json
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import snn
from devices.chips import chip, core_chip
from devices.graph import graph_from_model
from devices.power import PowerConstants
from devices.report import fidelity_report
from devices.report_options import ReportOptions
from eventstore.errors import InvalidInput
from snn.branching import Branching


class Batch(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


def network(threshold: float = 0.5) -> snn.SpikingSequential:
    torch.manual_seed(1)
    return snn.SpikingSequential(
        nn.Conv2d(2, 6, 3, bias=False),
        snn.IAF(threshold, -1.0),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(150, 4, bias=False),
        snn.IAF(0.2, -1.0),
    )


def batches(sizes: tuple[int, ...] = (5, 3), steps: int = 8) -> list[Batch]:
    rng = np.random.default_rng(0)
    return [
        Batch(
            torch.from_numpy(rng.poisson(0.3, (n, steps, 2, 12, 12)).astype(np.float32)),
            torch.from_numpy(rng.integers(0, 4, n)),
            torch.from_numpy(rng.integers(3, steps + 1, n)),
        )
        for n in sizes
    ]


def test_accuracies_and_spikes_are_those_of_model_and_integers() -> None:
    model, data, speck = network(), batches(), chip("speck2f")
    report = fidelity_report(speck, model, data)
    q = speck.quantize(graph_from_model(model, (2, 12, 12)))
    float_said, integer_said, label, first_spikes = [], [], [], 0.0
    for batch in data:
        for row, length in enumerate(batch.length.tolist()):
            x = batch.x[row : row + 1, :length]
            with torch.no_grad():
                float_said.append(int(model(x).sum(dim=1).argmax()))
                first_spikes += float(model[1](model[0](x[0])[None]).sum())
            integer_said.append(int(speck.simulate(q, x.numpy()).predictions[0]))
            label.append(int(batch.label[row]))
    assert report.n_samples == 8
    assert report.float_accuracy == np.mean(np.equal(float_said, label))
    assert report.integer_accuracy == np.mean(np.equal(integer_said, label))
    assert report.agreement == np.mean(np.equal(integer_said, float_said))
    assert report.layers[0].float_spikes == pytest.approx(first_spikes / 8)
    assert report.layers[0].integer_spikes == pytest.approx(first_spikes / 8, rel=0.1)
    assert report.layers[0].event_spikes == pytest.approx(first_spikes / 8, rel=0.3)
    assert report.layers[0].synops > 0
    assert report.event_accuracy is not None


def test_a_report_does_not_depend_on_the_batches() -> None:
    (whole,) = batches((8,))
    parts = [Batch(*(column[a:b] for column in whole)) for a, b in ((0, 3), (3, 4), (4, 8))]
    one, other = (
        fidelity_report(chip("speck2f"), network(), data).to_dict() for data in ([whole], parts)
    )
    assert one == other


def test_a_report_becomes_json() -> None:
    report = chip("speck2f").report(network(), batches())
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["fits"] is True
    speck = core_chip("speck2f")
    mapping = speck.map(speck.quantize(graph_from_model(network(), (2, 12, 12))))
    cores = {use.layer: use.core for use in mapping.uses}
    assert {one["name"]: one["use"]["core"] for one in plain["layers"]} == cores
    assert plain["accuracy_loss"] == report.accuracy_loss
    assert "readout-channels" in {finding["check"] for finding in plain["findings"]}


def test_silent_and_saturated_layers_are_findings() -> None:
    model = network(threshold=0.02)
    nn.init.constant_(model[4].weight, -1.0)  # type: ignore[arg-type]
    report = chip("speck2f").report(model, batches())
    checks = {(finding.check, finding.where) for finding in report.findings}
    assert {("saturated-layer", "0"), ("silent-layer", "4")} <= checks
    assert report.silent_samples == report.n_samples
    assert report.layers[1].silent


def test_a_model_that_does_not_fit_still_gets_its_own_accuracy() -> None:
    model = network()
    model[1] = snn.LIF()
    report = chip("speck2f").report(model, batches())
    assert not report.fits
    assert (report.integer_accuracy, report.accuracy_loss, report.layers) == (None, None, ())
    assert "neuron-kind" in {finding.check for finding in report.findings}
    assert 0 <= report.float_accuracy <= 1


def test_the_model_comes_back_as_it_was() -> None:
    model = network().train()
    chip("speck2f").report(model, batches())
    assert model.training


def test_no_samples_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not a single sample"):
        fidelity_report(chip("speck2f"), network(), [])


def test_the_ways_agree_with_the_accuracies_and_carry_intervals() -> None:
    report = fidelity_report(chip("speck2f"), network(), batches((8,)))
    ways = (report.model_way, report.integer_way, report.event_way)
    accuracies = (report.float_accuracy, report.integer_accuracy, report.event_accuracy)
    for way, accuracy in zip(ways, accuracies, strict=True):
        assert way is not None
        assert way.accuracy == way.accuracy_after_step[-1] == accuracy
        assert way.low <= way.accuracy <= way.high
        assert len(way.accuracy_after_step) <= 8
    assert report.model_way is not None
    assert report.model_way.difference is None
    assert report.event_way is not None
    assert report.event_way.difference is not None
    assert report.event_way.difference.difference == pytest.approx(
        (report.event_accuracy or 0.0) - report.float_accuracy
    )
    assert report.n_steps == np.mean(batches((8,))[0].length.numpy())


def test_the_layer_that_loses_most_is_named_and_no_other_is_to_blame() -> None:
    model = network()
    weight = model.get_parameter("4.weight")
    with torch.no_grad():  # beside one huge weight the others round to nothing
        weight[0, 0] = -40.0
        said = [batch._replace(label=model(batch.x).sum(1).argmax(1)) for batch in batches()]
    report = fidelity_report(chip("speck2f"), model, said)
    assert report.worst_layer is not None
    assert report.worst_layer.name == "4"
    first, last = report.layers
    assert first.integer_loss is not None
    assert last.integer_loss is not None
    assert first.integer_loss.shift < last.integer_loss.shift
    (finding,) = [f for f in report.findings if f.check == "layer-loses-most"]
    assert finding.where == "4"


def test_only_what_was_asked_for_is_measured() -> None:
    plain = fidelity_report(chip("speck2f"), network(), batches(), ReportOptions(by_layer=False))
    assert plain.worst_layer is None
    assert plain.layers[0].event_loss is None
    assert plain.power is not None
    assert plain.power.synops_per_second is None
    options = ReportOptions(seconds_per_sample=0.5, power=PowerConstants(pj_per_synop=2.0))
    timed = fidelity_report(chip("speck2f"), network(), batches(), options)
    assert timed.power is not None
    synops = sum(layer.synops for layer in timed.layers)
    assert timed.power.synops_per_second == pytest.approx(2 * synops)
    assert timed.power.dynamic_mw == pytest.approx(2 * synops * 2e-9)
    assert timed.layers[0].synops_per_second == 2 * timed.layers[0].synops


def test_likeness_is_of_the_counts_of_every_neuron() -> None:
    report, model = fidelity_report(chip("speck2f"), network(), batches((4,))), network()
    q = chip("speck2f").quantize(graph_from_model(model, (2, 12, 12)))
    (batch,), common, both = batches((4,)), 0.0, 0.0
    for row, length in enumerate(batch.length.tolist()):
        x = batch.x[row : row + 1, :length]
        with torch.no_grad():
            a = model[1](model[0](x[0])[None])[0].sum(0).numpy()
        b = chip("speck2f").simulate(q, x.numpy()).layers[0].neuron_spikes
        common, both = common + 2 * np.minimum(a, b).sum(), both + (a + b).sum()
    likeness = report.layers[0].integer_likeness
    assert likeness is not None
    assert likeness.overlap == pytest.approx(common / both)


def test_layers_of_branches_are_compared_and_run_alone_too() -> None:
    torch.manual_seed(0)
    block = Branching(
        {
            "c1": nn.Conv2d(4, 4, 3, padding=1, bias=False),
            "a": snn.IAF(0.5, -1.0),
            "c2": nn.Conv2d(4, 4, 1, bias=False),
            "b": snn.IAF(0.5, -1.0),
        },
        sources={"c2": ("input",)},
        outputs=("a", "b"),
    )
    model = snn.SpikingSequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        snn.IAF(0.5, -1.0),
        block,
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(4 * 36, 4, bias=False),
        snn.IAF(0.3, -1.0),
    )
    report = fidelity_report(chip("speck2f"), model, batches((3,)))
    assert [layer.name for layer in report.layers] == ["0", "2.c1", "2.c2", "5"]
    for layer in report.layers:
        assert layer.float_spikes > 0
        assert layer.integer_likeness is not None
        assert layer.integer_likeness.overlap > 0.8
        assert layer.integer_loss is not None
        assert layer.integer_loss.shift < 0.5
