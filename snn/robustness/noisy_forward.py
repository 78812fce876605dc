"""Training with mismatch in the forward pass: every batch sees another chip."""

import math
from dataclasses import dataclass

from torch import Tensor

from eventstore.errors import InvalidInput
from snn.objective import ScoreFn, natural_loss
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.robustness.numbers import run_with
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyForward:
    """The loss of a network whose numbers deviate at random, drawn anew for each batch.

    Gradients reach the numbers as they are without deviation. Draws come from torch's generator, so
    a training of the same seed draws the same.

    Args:
        sigma: standard deviation of the deviations, as a share of each number.
        weights: whether weights and biases deviate.
        thresholds: whether thresholds do.
        time_constants: whether time constants do.

    Raises:
        InvalidInput: sigma is not positive, or nothing deviates.

    Examples:
        >>> NoisyForward(sigma=0.2).mismatch.sigma
        0.2
    """

    sigma: float = 0.2
    weights: bool = True
    thresholds: bool = True
    time_constants: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            message = f"sigma {self.sigma} is no noise to train with"
            raise InvalidInput(message, hint="it must be positive; 0.2 is 20 %")
        _ = self.mismatch

    @property
    def mismatch(self) -> Mismatch:
        """What is drawn."""
        return Mismatch(
            sigma=self.sigma,
            weights=self.weights,
            thresholds=self.thresholds,
            time_constants=self.time_constants,
        )

    def __call__(
        self, model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn
    ) -> Tensor:
        """Return the loss of a network drawn at random."""
        drawn = draw_mismatch(model, self.mismatch, x)
        return natural_loss(score_fn(run_with(model, drawn, x)), labels)
