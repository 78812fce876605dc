"""Training with mismatch in the forward pass: every batch sees other chips."""

import math
from dataclasses import dataclass

import torch
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
        chips: how many chips a batch is spread over: more make the loss a better mean, and a step
            slower.

    Raises:
        InvalidInput: sigma is not positive, nothing deviates, or there is no chip.

    Examples:
        >>> NoisyForward(sigma=0.2).mismatch.sigma
        0.2
    """

    sigma: float = 0.2
    weights: bool = True
    thresholds: bool = True
    time_constants: bool = True
    chips: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            message = f"sigma {self.sigma} is no noise to train with"
            raise InvalidInput(message, hint="it must be positive; 0.2 is 20 %")
        if self.chips < 1:
            message = f"chips={self.chips} of NoisyForward"
            raise InvalidInput(message, hint="give 1 or more; a batch is spread over them")
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
        """Return the loss of networks drawn at random, each of which gets a part of the batch."""
        outputs = [
            run_with(model, draw_mismatch(model, self.mismatch, part), part)
            for part in x.chunk(self.chips)
        ]
        return natural_loss(score_fn(torch.cat(outputs)), labels)
