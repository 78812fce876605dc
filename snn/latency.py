"""Accuracy over time: how right a network would be if it had to decide early."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latency:
    """How soon decisions are right, and how soon they stand.

    After each time step the decision is the class that has most output so far, ties going to the
    first class. A sample that is over keeps its last decision.

    Args:
        accuracy: accuracy if the decision were taken after 1, 2, … steps; the last is the accuracy
            of the whole.
        first_output: step of each sample in which an output neuron first gave anything, from 1;
            0 where none ever did.
        decided: step of each sample from which on the decision stood, from 1; 0 where there was
            no output to decide by.

    Examples:
        >>> latency = Latency(
        ...     accuracy=np.array([0.5, 1.0]),
        ...     first_output=np.array([1, 2]),
        ...     decided=np.array([2, 2]),
        ... )
        >>> latency.accuracy.tolist()
        [0.5, 1.0]
    """

    accuracy: Float64[np.ndarray, " steps"]
    first_output: Int64[np.ndarray, " n"]
    decided: Int64[np.ndarray, " n"]

    @property
    def undecided(self) -> int:
        """Samples without any output, which count as the first class."""
        return int((self.decided == 0).sum())

    @property
    def median_first_output(self) -> float | None:
        """Median step of the first output, over the samples that have one; None without any."""
        return _median(self.first_output)

    @property
    def median_decided(self) -> float | None:
        """Median step of the decision, over the samples that have one; None without any."""
        return _median(self.decided)

    def steps_to(self, share: float) -> int:
        """Return the first step from which on accuracy stays at a share of the last, or above.

        Examples:
            >>> none = np.zeros(0, np.int64)
            >>> curve = np.array([0.1, 0.8, 0.7, 0.8])
            >>> Latency(accuracy=curve, first_output=none, decided=none).steps_to(0.95)
            4
        """
        below = np.flatnonzero(self.accuracy < share * self.accuracy[-1])
        return int(below[-1]) + 2 if len(below) else 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "accuracy_after_step": self.accuracy.tolist(),
            "median_first_output_step": self.median_first_output,
            "median_decided_step": self.median_decided,
            "undecided_samples": self.undecided,
        }


class LatencyCount:
    """Gathers decisions over batches of any lengths.

    Examples:
        >>> output = torch.tensor([[[0.0, 0.0], [0.0, 1.0], [2.0, 0.0]]])
        >>> count = LatencyCount()
        >>> count.add(output.double().cumsum(1), torch.tensor([0]), torch.tensor([3]))
        >>> found = count.latency()
        >>> found.accuracy.tolist(), found.first_output.tolist(), found.decided.tolist()
        ([1.0, 0.0, 1.0], [2], [3])
    """

    def __init__(self) -> None:
        self._hits: list[Tensor] = []
        self._first: list[Tensor] = []
        self._decided: list[Tensor] = []

    def add(
        self,
        sums: Float64[Tensor, "b t k"],
        label: Int64[Tensor, " b"],
        length: Int64[Tensor, " b"],
    ) -> None:
        """Count a batch.

        Args:
            sums: output of each class summed from the first step to each step, without padding's.
            label: classes.
            length: valid time steps of each sample.
        """
        said = sums.argmax(2)
        self._hits.append((said == label.to(said.device)[:, None]).sum(0).cpu())
        some = (sums != 0).any(2)
        first = torch.where(some.any(1), some.int().argmax(1) + 1, 0)
        steps = torch.arange(1, said.shape[1] + 1, device=said.device)
        other = torch.where(said != said[:, -1:], steps, 0).amax(1)
        decided = torch.where(first > 0, torch.maximum(first, other + 1), 0)
        decided = torch.minimum(decided, length.to(decided.device))
        self._first.append(first.cpu())
        self._decided.append(decided.cpu())

    def latency(self) -> Latency:
        """Return what the batches came to; there is at least one."""
        first = torch.cat(self._first)
        return Latency(
            accuracy=_added(self._hits).double().numpy() / len(first),
            first_output=first.numpy(),
            decided=torch.cat(self._decided).numpy(),
        )


def _added(curves: Sequence[Tensor]) -> Tensor:
    """Add curves; a shorter one goes on as it ends, for its samples keep their last decision."""
    steps = max(len(curve) for curve in curves)
    total = torch.zeros(steps, dtype=torch.int64)
    for curve in curves:
        total += torch.cat([curve, curve[-1:].expand(steps - len(curve))])
    return total


def _median(steps: Int64[np.ndarray, " n"]) -> float | None:
    some = steps[steps > 0]
    return float(np.median(some)) if len(some) else None
