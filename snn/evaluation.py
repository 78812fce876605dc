"""Evaluate a network: accuracy, confusion, how soon it decides, and how active each layer is."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.activity_count import ActivityCount, LayerActivity
from snn.evaluating import evaluating
from snn.latency import Latency, LatencyCount
from snn.sequential import SpikingSequential
from snn.synops import without_padding


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """How a network did on one class.

    Args:
        samples: samples of the class.
        recall: share of them that were found; None without any.
        precision: share of the samples said to be of the class that are; None if it never was said.

    Examples:
        >>> ClassScore(samples=20, recall=0.9, precision=None).recall
        0.9
    """

    samples: int
    recall: float | None
    precision: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """How a network did on a set of samples; what it did during padding counts for nothing.

    Args:
        accuracy: share of samples classified right, in [0, 1].
        loss: mean cross-entropy.
        confusion: samples by true class (rows) and predicted class (columns).
        predictions: predicted class of each sample, in the order the loader gave them.
        latency: accuracy over time, and when each sample was decided.
        layers: activity of each layer of neurons or weights, in network order.
        uncounted: modules with weights whose synaptic operations are not counted.

    Examples:
        >>> from typing import NamedTuple
        >>> from snn.layers import IAF
        >>> class Batch(NamedTuple):
        ...     x: Tensor
        ...     label: Tensor
        ...     length: Tensor
        >>> linear = torch.nn.Linear(2, 2, bias=False)
        >>> _ = torch.nn.init.eye_(linear.weight)
        >>> net = SpikingSequential(linear, IAF())
        >>> x = torch.eye(2).unsqueeze(1).repeat(1, 4, 1)  # one active input a sample
        >>> found = evaluate(net, [Batch(x, torch.tensor([0, 1]), torch.tensor([4, 4]))])
        >>> found.accuracy, found.spikes, found.synops, found.latency.median_decided
        (1.0, {'1': 4.0}, {'0': 8.0}, 1.0)
    """

    accuracy: float
    loss: float
    confusion: Int64[np.ndarray, "true said"]
    predictions: Int64[np.ndarray, " n"]
    latency: Latency
    layers: tuple[LayerActivity, ...]
    uncounted: tuple[str, ...] = ()

    @property
    def spikes(self) -> dict[str, float]:
        """Spikes per sample of each spiking layer."""
        return {one.name: one.spikes for one in self.layers if one.spikes is not None}

    @property
    def synops(self) -> dict[str, float]:
        """Synaptic operations per sample of each layer with weights."""
        return {one.name: one.synops for one in self.layers if one.synops is not None}

    @property
    def classes(self) -> tuple[ClassScore, ...]:
        """Precision and recall of each class, in the order of the output neurons."""
        samples, said = self.confusion.sum(1), self.confusion.sum(0)
        return tuple(
            ClassScore(
                samples=int(samples[k]),
                recall=_share(self.confusion[k, k], samples[k]),
                precision=_share(self.confusion[k, k], said[k]),
            )
            for k in range(len(self.confusion))
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "n_samples": len(self.predictions),
            "confusion": self.confusion.tolist(),
            "classes": [asdict(one) for one in self.classes],
            "latency": self.latency.to_dict(),
            "spikes_per_sample": self.spikes,
            "synops_per_sample": self.synops,
            "layers": [one.to_dict() for one in self.layers],
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
    return without_padding(_valid_steps(length.to(output.device), output.shape[1]), output).sum(1)


def _valid_steps(length: Int64[Tensor, " b"], steps: int) -> Bool[Tensor, "b t"]:
    return torch.arange(steps, device=length.device) < length[:, None]


def as_input(batch: LabelledBatch, model: SpikingSequential) -> tuple[Tensor, Tensor]:
    """Return a batch's frames and labels where the model's weights are, in their type."""
    weight = next(model.parameters())
    x = batch.x.to(weight.device, weight.dtype, non_blocking=True)
    return x, batch.label.to(weight.device, non_blocking=True)


@torch.no_grad()
def evaluate(model: SpikingSequential, batches: Iterable[LabelledBatch]) -> Evaluation:
    """Run a network over all batches, without training it.

    Ties between classes go to the first of them, so the result does not depend on the machine.

    Args:
        model: the network; it is left in the mode it was in.
        batches: usually a `Loader` that does not shuffle.

    Raises:
        InvalidInput: there are no samples, or they are mixed of two.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from torch import nn
        >>> import snn
        >>> from eventstore import FramesByBins, Loader, Pipeline
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> frames = Pipeline(FramesByBins(n_bins=5))
        >>> loader = Loader(selection, frames, batch_size=10, shuffle=False)
        >>> net = snn.SpikingSequential(nn.Flatten(), nn.Linear(96, 3), snn.IAF())
        >>> found = evaluate(net, loader)
        >>> int(found.confusion.sum()), [layer.kind for layer in found.layers]
        (20, ['Linear', 'IAF'])
    """
    count, latency = ActivityCount(), LatencyCount()
    scores, labels = [], []
    with evaluating(model):
        for batch in batches:
            y, label = as_input(batch, model)
            if label.ndim > 1:
                message = "labels are shared between classes: no sample is right or wrong"
                raise InvalidInput(message, hint="evaluate with a loader without mix")
            valid = _valid_steps(batch.length.to(y.device), y.shape[1])
            counted = None if bool(valid.all()) else valid
            for passage in model.walk(y):
                count.add(passage, counted)
                y = passage.y
            sums = without_padding(valid, y).double().cumsum(1)
            latency.add(sums, label, batch.length)
            scores.append(sums[:, -1].cpu())
            labels.append(label.cpu())
    if not scores:
        message = "no samples to evaluate on"
        raise InvalidInput(message, hint="check the fold: it may be empty")
    return _summary(torch.cat(scores), torch.cat(labels), count, latency.latency())


def _summary(
    scores: Float64[Tensor, "n k"], labels: Tensor, count: ActivityCount, latency: Latency
) -> Evaluation:
    n_classes = scores.shape[1]
    said = scores.argmax(1)
    pairs = torch.bincount(labels * n_classes + said, minlength=n_classes**2)
    return Evaluation(
        accuracy=float((said == labels).double().mean()),
        loss=float(functional.cross_entropy(scores, labels)),
        confusion=pairs.view(n_classes, n_classes).numpy(),
        predictions=said.numpy(),
        latency=latency,
        layers=count.layers(),
        uncounted=count.uncounted(),
    )


def _share(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None
