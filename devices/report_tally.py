"""Sums over samples that a report is made of: of each way to run them, and of each layer alone."""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool

from devices.fidelity import Way
from devices.intervals import PairedDifference, wilson_interval
from devices.layer_loss import LayerLoss
from devices.likeness import LikenessTally
from devices.results import LayerActivity
from snn.latency import LatencyCount

FOLDED = 64
"""Samples whose activity is held before it is summed up."""


@dataclass(slots=True)
class WayTally:
    """What one way to run the samples gave so far."""

    said: list[int] = field(default_factory=list)
    silent: int = 0
    activities: list[tuple[LayerActivity, ...]] = field(default_factory=list)
    likeness: dict[str, LikenessTally] = field(default_factory=dict)
    _latency: LatencyCount = field(default_factory=LatencyCount)

    def add(self, output: np.ndarray, label: int) -> None:
        """Count a sample by its output ``(T, n)``; ties go to the first class."""
        sums = torch.from_numpy(output.astype(np.float64)).cumsum(0)[None]
        self._latency.add(sums, torch.tensor([label]), torch.tensor([len(output)]))
        self.said.append(int(sums[0, -1].argmax()))
        self.silent += int(not output.any())

    def add_layers(self, layers: tuple[LayerActivity, ...]) -> None:
        """Count what the layers did; memory does not grow with the number of neurons."""
        self.activities.append(layers)
        if len(self.activities) >= FOLDED:
            whole = [LayerActivity.joined(parts) for parts in zip(*self.activities, strict=True)]
            self.activities = [tuple(whole)]

    def likeness_of(self, name: str) -> LikenessTally:
        """Return the comparison of a layer with the model."""
        return self.likeness.setdefault(name, LikenessTally())

    def layer(self, index: int) -> LayerActivity:
        """Return the activity of a layer over all samples."""
        return LayerActivity.joined([layers[index] for layers in self.activities])

    def right(self, labels: list[int]) -> Bool[np.ndarray, " n"]:
        """Return which samples are right."""
        hits: np.ndarray = np.array(self.said) == np.array(labels)
        return hits

    def way(self, labels: list[int], model: "WayTally | None" = None) -> Way:
        """Return what the samples came to, and how that differs from the model."""
        right, latency = self.right(labels), self._latency.latency()
        low, high = wilson_interval(int(right.sum()), len(right))
        return Way(
            accuracy=float(right.mean()),
            low=low,
            high=high,
            difference=None if model is None else PairedDifference.of(right, model.right(labels)),
            silent_samples=self.silent,
            accuracy_after_step=tuple(latency.accuracy.tolist()),
            median_decided=latency.median_decided,
            steps_to_95=latency.steps_to(0.95),
        )


@dataclass(slots=True)
class LossTally:
    """What one layer alone in integers gave so far."""

    said: list[int] = field(default_factory=list)
    moved: float = 0.0
    spikes: float = 0.0

    def add(self, counts: np.ndarray, model_counts: np.ndarray) -> None:
        """Count a sample by its output's counts, and the model's."""
        self.said.append(int(counts.argmax()))
        self.moved += float(np.abs(counts - model_counts).sum())
        self.spikes += float(model_counts.sum())

    def loss(self, labels: list[int], model_said: list[int]) -> LayerLoss:
        """Return what is lost."""
        said, model, label = np.array(self.said), np.array(model_said), np.array(labels)
        accuracy = float((said == label).mean())
        return LayerLoss(
            accuracy=accuracy,
            lost=float((model == label).mean()) - accuracy,
            changed=float((said != model).mean()),
            shift=self.moved / max(self.spikes, 1.0),
        )
