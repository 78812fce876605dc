"""Accuracy of networks over the strength of what disturbs them: mismatch, jitter, lost events."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from eventstore.errors import InvalidInput
from snn.evaluating import evaluating
from snn.evaluation import LabelledBatch, as_input, class_scores, evaluate
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.numbers import run_with
from snn.sequential import SpikingSequential

LOW, HIGH = 5, 95
"""Percentiles of the band around a curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Accuracy at one strength.

    Args:
        strength: how strong the disturbance is.
        mean: mean accuracy over networks and draws.
        low: 5th percentile over all networks and draws.
        high: 95th percentile.
        by_network: mean over the draws of each network.
        n_draws: draws of each network; 1 where nothing is drawn.
    """

    strength: float
    mean: float
    low: float
    high: float
    by_network: tuple[float, ...]
    n_draws: int

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)


Curve: TypeAlias = tuple[Point, ...]
"""Points of rising strength."""

Batches: TypeAlias = Iterable[LabelledBatch]


def summarise(strength: float, accuracies: np.ndarray) -> Point:
    """Return the point of accuracies by network (rows) and draw (columns).

    Examples:
        >>> summarise(0.1, np.array([[0.5, 0.75], [1.0, 0.75]])).mean
        0.75
    """
    low, high = np.percentile(accuracies, (LOW, HIGH))
    return Point(
        strength=strength,
        mean=float(accuracies.mean()),
        low=float(low),
        high=float(high),
        by_network=tuple(float(mean) for mean in accuracies.mean(axis=1)),
        n_draws=accuracies.shape[1],
    )


def mismatch_curve(
    networks: Sequence[tuple[SpikingSequential, Batches]],
    mismatches: Sequence[Mismatch],
    *,
    n_draws: int = 20,
    seed: int = 0,
) -> Curve:
    """Return the accuracy over mismatch; each draw is a chip, the same for all batches.

    Draw number k deviates in the same direction at every sigma.

    Args:
        networks: each with the batches that it is tested on.
        mismatches: of rising sigma; without deviation there is one draw.
        n_draws: chips drawn of each network.
        seed: of the draws.

    Raises:
        InvalidInput: there is no draw, no network or no sample.
    """
    _check(networks, n_draws)
    tables = [
        _mismatch_accuracies(model, batches, mismatches, (n_draws, seed + 1_000_003 * i))
        for i, (model, batches) in enumerate(networks)
    ]
    return tuple(
        summarise(one.sigma, np.stack([table[i] for table in tables]))
        for i, one in enumerate(mismatches)
    )


@torch.no_grad()
def _mismatch_accuracies(
    model: SpikingSequential,
    batches: Batches,
    mismatches: Sequence[Mismatch],
    drawing: tuple[int, int],
) -> list[np.ndarray]:
    """Return the accuracies of all draws of each mismatch; batches are gone through once."""
    n_draws, seed = drawing
    counts = [1 if one.sigma == 0 else n_draws for one in mismatches]
    right = [np.zeros(count) for count in counts]
    n_samples = 0
    with evaluating(model):
        for batch in batches:
            x, labels = as_input(batch, model)
            n_samples += len(labels)
            for hits, one in zip(right, mismatches, strict=True):
                for draw in range(len(hits)):
                    rng = torch.Generator().manual_seed(seed + draw)
                    chip = draw_mismatch(model, one, x, rng)
                    scores = class_scores(run_with(model, chip, x), batch.length)
                    hits[draw] += int((scores.argmax(1) == labels).sum())
    if not n_samples:
        message = "no samples to evaluate on"
        raise InvalidInput(message, hint="check the fold: it may be empty")
    return [hits / n_samples for hits in right]


def event_curve(
    models: Sequence[SpikingSequential],
    batches_of: Callable[[int, float, int], Batches],
    strengths: Sequence[float],
    *,
    n_draws: int = 5,
) -> Curve:
    """Return the accuracy over the strength of a disturbance of events.

    Args:
        models: the networks.
        batches_of: batches of a model, a strength and a draw, by their numbers.
        strengths: rising; at 0 there is one draw.
        n_draws: draws of each other strength.

    Raises:
        InvalidInput: there is no draw, no network or no sample.
    """
    _check(models, n_draws)
    points = []
    for strength in strengths:
        draws = range(n_draws if strength else 1)
        table = [
            [evaluate(model, batches_of(i, strength, draw)).accuracy for draw in draws]
            for i, model in enumerate(models)
        ]
        points.append(summarise(strength, np.array(table)))
    return tuple(points)


def _check(networks: Sequence[object], n_draws: int) -> None:
    if not networks:
        message = "no network to test"
        raise InvalidInput(message, hint="pass at least one")
    if n_draws < 1:
        message = f"{n_draws} draws are none"
        raise InvalidInput(message, hint="20 give a mean and a band")
