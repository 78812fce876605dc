"""Samples of a report: one by one through the model, while it evaluates."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor, nn

from devices.fidelity import Samples
from eventstore.errors import InvalidInput
from snn.passage import Passage
from snn.sequential import SpikingSequential


class Walked(NamedTuple):
    """A sample that went through the model.

    Args:
        label: its class.
        x: what went in, as a batch of one, without padding.
        passages: what each layer made of it.
    """

    label: int
    x: Tensor
    passages: list[Passage]


class Tally(Protocol):
    """Sums over samples."""

    @property
    def labels(self) -> list[int]:
        """Classes of the samples so far."""
        ...

    def add(self, batch: Samples) -> None:
        """Take in a batch."""


T = TypeVar("T", bound=Tally)


def tally_samples(
    model: SpikingSequential, samples: Iterable[Samples], start: Callable[[Samples], T]
) -> T:
    """Return the sums over all samples.

    Args:
        model: the trained model; it evaluates meanwhile.
        samples: batches with ``x`` (counts), ``label`` and ``length``, such as a loader.
        start: returns sums over nothing yet, for samples such as those of the first batch.

    Raises:
        InvalidInput: there is not a single sample.
    """
    tally: T | None = None
    with evaluating(model):
        for batch in samples:
            if tally is None:
                tally = start(batch)
            tally.add(batch)
    if tally is None or not tally.labels:
        message = "there is not a single sample to compare on"
        raise InvalidInput(message, hint="pass a loader over a fold that has samples")
    return tally


def walk_samples(model: SpikingSequential, batch: Samples) -> Iterator[Walked]:
    """Iterate over the samples of a batch, each walked through the model without its padding."""
    parameter = next(model.parameters(), None)
    for row, (label, length) in enumerate(
        zip(batch.label.tolist(), batch.length.tolist(), strict=True)
    ):
        x = batch.x[row : row + 1, :length]
        x = x.float() if parameter is None else x.to(parameter.device, parameter.dtype)
        yield Walked(int(label), x, list(model.walk(x)))


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Let a model evaluate, without gradients; after that it trains again if it did before.

    Examples:
        >>> model = nn.Dropout()
        >>> with evaluating(model):
        ...     model.training
        False
        >>> model.training
        True
    """
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def sample_counts(spikes: Tensor) -> Float64[np.ndarray, "t n"]:
    """Return the spikes of a sample, a batch of one, in each time step.

    Examples:
        >>> sample_counts(torch.ones(1, 3, 2, 2, 2)).shape
        (3, 8)
    """
    counts: np.ndarray = spikes[0].flatten(1).double().cpu().numpy()
    return counts
