import pytest
import torch
from torch.nn import functional

from snn.objective import Objective, natural_loss
from snn.robustness.adversarial import AdversarialTraining
from snn.robustness.noisy_forward import NoisyForward


def test_classes_and_soft_labels_of_one_class_cost_the_same() -> None:
    scores = torch.tensor([[2.0, 0.5, 1.0], [0.0, 3.0, 0.0]])
    labels = torch.tensor([0, 2])
    hard = natural_loss(scores, labels)
    assert hard == pytest.approx(float(-scores.log_softmax(1)[[0, 1], labels].mean()))
    assert natural_loss(scores, functional.one_hot(labels, 3).float()) == pytest.approx(float(hard))


def test_the_methods_of_robustness_are_objectives() -> None:
    assert isinstance(NoisyForward(), Objective)
    assert isinstance(AdversarialTraining(), Objective)
