"""Sums over samples."""

import numpy as np
import torch

from devices.report_options import ReportOptions
from devices.report_tally import FOLDED, LossTally, ModelTally, WayTally
from devices.results import LayerActivity


def activity(spikes: int) -> LayerActivity:
    return LayerActivity(
        name="a",
        spiking_name="b",
        spikes=np.array([spikes]),
        input_spikes=np.array([1]),
        synops=np.array([2 * spikes]),
        neuron_spikes=np.array([[[spikes, 0]]]),
        n_steps=3,
    )


def test_ties_go_to_the_first_class_and_silence_is_counted() -> None:
    tally = WayTally()
    tally.add(np.array([[0, 1], [1, 0]]), 0)
    tally.add(np.array([[0, 0], [0, 0]]), 1)
    way = tally.way([0, 1])
    assert tally.said == [0, 0]
    assert (way.accuracy, way.silent_samples) == (0.5, 1)
    assert way.accuracy_after_step == (0.0, 0.5)


def test_two_ways_agree_on_what_both_say() -> None:
    one, other = WayTally(said=[0, 1, 2, 1]), WayTally(said=[0, 1, 0, 0])
    assert one.agreement(other) == other.agreement(one) == 0.5


def test_a_report_of_the_model_alone() -> None:
    tally = ModelTally()
    for label, n_steps in ((0, 2), (1, 4)):
        output = torch.tensor([[[0.0, 1.0]]]).expand(1, n_steps, 2)
        tally.add(torch.zeros(1, n_steps, 3), output, label)
    report = tally.report("speck2f", [], ReportOptions(seconds_per_sample=0.5), fits=False)
    assert (report.chip, report.fits, report.n_samples) == ("speck2f", False, 2)
    assert (report.float_accuracy, report.n_steps, report.seconds_per_sample) == (0.5, 3.0, 0.5)
    assert report.model_way is not None
    assert report.model_way.accuracy == 0.5
    assert report.integer_accuracy is None


def test_activity_is_summed_up_as_samples_come() -> None:
    tally = WayTally()
    for k in range(2 * FOLDED + 5):
        tally.add_layers((activity(k),))
        assert len(tally.activities) < FOLDED
    n = 2 * FOLDED + 5
    found = tally.layer(0)
    assert found.spikes.tolist() == list(range(n))
    assert found.neuron_spikes.tolist() == [[[n * (n - 1) // 2, 0]]]
    assert found.n_steps == 3 * n


def test_a_loss_is_what_the_model_says_less_what_the_layer_does() -> None:
    tally = LossTally()
    tally.add(np.array([3.0, 1.0]), np.array([1.0, 3.0]))
    tally.add(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    loss = tally.loss([1, 1], [1, 1])
    assert (loss.accuracy, loss.lost, loss.changed, loss.shift) == (0.5, 0.5, 0.5, 6 / 8)
