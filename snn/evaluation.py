"""Evaluate a network: accuracy, confusion, and how active each layer is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.sequential import SpikingSequential
from snn.synops import ActivityCount


@runtime_checkable
class LabelledBatch(Protocol):
    """What evaluation needs of a batch; the loader's batches have it."""

    @property
    def x(self) -> Tensor:
        """Frames, ``(B, T, C, H, W)``."""

    @property
    def label(self) -> Tensor:
        """Classes, int64 ``(B,)``; for training also soft, real numbers ``(B, classes)``."""

    @property
    def length(self) -> Tensor:
        """Valid time steps of each sample, int64 ``(B,)``; what comes after is padding."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """How a network did on a set of samples.

    Args:
        accuracy: share of samples classified right, in [0, 1].
        loss: mean cross-entropy.
        confusion: samples by true class (rows) and predicted class (columns).
        predictions: predicted class of each sample, in the order the loader gave them.
        spikes: spikes per sample of each spiking layer.
        synops: synaptic operations per sample of each layer with weights.
        uncounted: modules with weights whose operations are not in ``synops``.
    """

    accuracy: float
    loss: float
    confusion: Int64[np.ndarray, "true said"]
    predictions: Int64[np.ndarray, " n"]
    spikes: dict[str, float]
    synops: dict[str, float]
    uncounted: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "n_samples": len(self.predictions),
            "confusion": self.confusion.tolist(),
            "spikes_per_sample": self.spikes,
            "synops_per_sample": self.synops,
            "synops_uncounted": list(self.uncounted),
        }


def class_scores(
    output: Float[Tensor, "b t k"], length: Int64[Tensor, " b"]
) -> Float[Tensor, "b k"]:
    """Return each class's score: its output neuron's spikes over the sample's own time steps.

    Args:
        output: spikes of the output neurons.
        length: valid time steps of each sample; spikes during padding count for nothing.

    Examples:
        >>> spikes = torch.tensor([[[1.0, 0.0], [2.0, 1.0]]])
        >>> class_scores(spikes, torch.tensor([2])).tolist()
        [[3.0, 1.0]]
        >>> class_scores(spikes, torch.tensor([1])).tolist()
        [[1.0, 0.0]]
    """
    steps = torch.arange(output.shape[1], device=output.device)
    valid = steps < length.to(output.device)[:, None]
    return (output * valid[..., None]).sum(1)


def as_input(batch: LabelledBatch, model: SpikingSequential) -> tuple[Tensor, Tensor]:
    """Return a batch's frames and labels where the model's weights are, in their type."""
    weight = next(model.parameters())
    return batch.x.to(weight.device, weight.dtype), batch.label.to(weight.device)


@torch.no_grad()
def evaluate(model: SpikingSequential, batches: Iterable[LabelledBatch]) -> Evaluation:
    """Run a network over all batches, without training it.

    Ties between classes go to the first of them, so the result does not depend on the machine.

    Args:
        model: the network; it is left in the mode it was in.
        batches: usually a `Loader` that does not shuffle.

    Raises:
        InvalidInput: there are no samples, or they are mixed of two.
    """
    was_training = model.training
    model.eval()
    count = ActivityCount()
    scores, labels = [], []
    for batch in batches:
        y, label = as_input(batch, model)
        if label.ndim > 1:
            message = "labels are shared between classes: no sample is right or wrong"
            raise InvalidInput(message, hint="evaluate with a loader without mix")
        for passage in model.walk(y):
            count.add(passage)
            y = passage.y
        scores.append(class_scores(y, batch.length).cpu())
        labels.append(label.cpu())
    model.train(was_training)
    if not scores:
        message = "no samples to evaluate on"
        raise InvalidInput(message, hint="check the fold: it may be empty")
    return _summary(torch.cat(scores), torch.cat(labels), count)


def _summary(scores: Float[Tensor, "n k"], labels: Tensor, count: ActivityCount) -> Evaluation:
    n_classes = scores.shape[1]
    said = scores.argmax(1)
    pairs = torch.bincount(labels * n_classes + said, minlength=n_classes**2)
    return Evaluation(
        accuracy=float((said == labels).double().mean()),
        loss=float(functional.cross_entropy(scores.double(), labels)),
        confusion=pairs.view(n_classes, n_classes).numpy(),
        predictions=said.numpy(),
        spikes=count.spikes(),
        synops=count.synops(),
        uncounted=count.uncounted(),
    )
