"""Samples reach a report whole, one by one, and leave the model as it was."""

import numpy as np
import pytest
import torch
from torch import nn

from devices.report_samples import evaluating, sample_counts, walk_samples
from snn.layers import IAF
from snn.sequential import SpikingSequential
from tests.devices.conftest import Labelled


def test_samples_are_walked_without_their_padding() -> None:
    model = SpikingSequential(nn.Flatten(), nn.Linear(2, 1, bias=False), IAF()).double()
    x = torch.arange(12.0).reshape(2, 3, 2, 1, 1)
    batch = Labelled(x, torch.tensor([7, 9]), torch.tensor([1, 3]))
    with evaluating(model):
        walked, alone = list(walk_samples(model, batch)), model(x[1:].double())
    assert [sample.label for sample in walked] == [7, 9]
    assert [tuple(sample.x.shape) for sample in walked] == [(1, 1, 2, 1, 1), (1, 3, 2, 1, 1)]
    assert all(sample.x.dtype == torch.float64 for sample in walked)
    np.testing.assert_array_equal(walked[1].x[0].flatten().numpy(), np.arange(6.0, 12.0))
    np.testing.assert_array_equal(sample_counts(walked[1].passages[-1].y), alone[0].numpy())


@pytest.mark.parametrize("training", [True, False])
def test_an_error_leaves_the_model_as_it_was(*, training: bool) -> None:
    model = nn.Dropout().train(training)
    with pytest.raises(ZeroDivisionError), evaluating(model):
        1 / (model.training or torch.is_grad_enabled())
    assert model.training is training
    assert torch.is_grad_enabled()
