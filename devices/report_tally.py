"""Sums over samples that a report is made of: of each way to run them, and of each layer alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from devices.fidelity import Report, Way
from devices.intervals import PairedDifference, wilson_interval
from devices.layer_loss import LayerLoss
from devices.likeness import LikenessTally
from devices.report_options import ReportOptions
from devices.report_samples import sample_counts
from devices.results import LayerActivity
from eventstore.findings import Finding
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

    def agreement(self, other: "WayTally") -> float:
        """Return for what share of the samples both say the same."""
        return float((np.array(self.said) == np.array(other.said)).mean())

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
class ModelTally:
    """What the model itself made of the samples so far."""

    labels: list[int] = field(default_factory=list)
    steps: int = 0
    way: WayTally = field(default_factory=WayTally)

    def add(self, x: Tensor, output: Tensor, label: int) -> None:
        """Count a sample: what went in and what came out, each a batch of one, and its class."""
        self.labels.append(label)
        self.steps += x.shape[1]
        self.way.add(sample_counts(output), label)

    def report(
        self, chip: str, findings: Sequence[Finding], options: ReportOptions, *, fits: bool
    ) -> Report:
        """Return a report that says of the model alone how it did.

        Args:
            chip: name of the chip.
            findings: what the chip's rules say of the model.
            options: what is asked for.
            fits: whether it breaks none of them.
        """
        way = self.way.way(self.labels)
        return Report(
            chip=chip,
            fits=fits,
            n_samples=len(self.labels),
            float_accuracy=way.accuracy,
            findings=tuple(findings),
            model_way=way,
            seconds_per_sample=options.seconds_per_sample,
            n_steps=self.steps / len(self.labels),
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
