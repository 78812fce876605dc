"""What training makes small: plain cross-entropy, or what robust training puts in its place."""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from snn.sequential import SpikingSequential

ScoreFn: TypeAlias = Callable[[Tensor], Tensor]
"""From the network's output ``(B, T, classes)`` to a score of each class, ``(B, classes)``."""


@runtime_checkable
class Objective(Protocol):
    """The loss of a batch; it may run the network as often and with what numbers it likes.

    Randomness, if any, comes from torch's generator of the CPU. Training seeds it, draws dropout
    from it in the same order, and keeps its state in the checkpoint; so an objective holds no state
    of its own, and a training that is resumed ends with the same bits.
    """

    def __call__(
        self, model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn
    ) -> Tensor:
        """Return the loss, ready for backward; the model is left as it was.

        Training accuracy is that of the first output that ``score_fn`` was asked about.

        Args:
            model: the network.
            x: input, ``(B, T, …)``.
            labels: classes, or soft labels ``(B, classes)``.
            score_fn: scores of an output.
        """


def natural_loss(scores: Float[Tensor, "b k"], labels: Tensor) -> Tensor:
    """Return the cross-entropy of scores, with classes or soft labels.

    Examples:
        >>> import torch
        >>> natural_loss(torch.zeros(1, 2), torch.tensor([1])).item() == torch.tensor(2.0).log()
        tensor(True)
    """
    return functional.cross_entropy(scores, labels)
