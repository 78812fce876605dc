"""Sampling: which samples an epoch serves where it is not each of them once.

Samples are drawn with replacement, as a function of (seed, epoch) alone. A sample that is drawn
again is served again, and random transforms see it as another one each time: see `draw_id`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.digest import sha256_text
from eventstore.errors import InvalidInput
from eventstore.fields import set_integer
from eventstore.selection import Selection
from eventstore.shuffle import random_words


@runtime_checkable
class Sampling(Protocol):
    """How likely each sample is to be drawn."""

    @property
    def n(self) -> int | None:
        """Draws an epoch; as many as there are samples where None."""
        ...

    @property
    def fingerprint(self) -> str:
        """Text that differs where the draws would."""
        ...

    def shares(self, selection: Selection) -> Float64[np.ndarray, " n"]:
        """Return a weight a sample; they need not sum to one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighted:
    """Draw samples with given weights.

    Args:
        weights: one a sample of the selection, in its order; 0 never draws it.
        n: draws an epoch; as many as there are samples where None.

    Raises:
        InvalidInput: a weight is negative or not finite, or none is above 0.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from pathlib import Path
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=3)
        >>> draw(Weighted(weights=[0, 1, 3], n=8), selection, seed=0, epoch=0).tolist()
        [1, 1, 2, 2, 2, 2, 2, 2]
    """

    weights: Sequence[float] | Float64[np.ndarray, " n"]
    n: int | None = None

    def __post_init__(self) -> None:
        weights = np.array(self.weights, np.float64)  # a copy: frozen means frozen
        if weights.ndim != 1 or not np.isfinite(weights).all() or weights.min(initial=0) < 0:
            message = "weights are one column of finite numbers, none below 0"
            raise InvalidInput(message, hint="give one weight a sample, 0 to leave it out")
        if not np.isfinite(weights.sum()) or weights.sum() <= 0:
            message = f"the weights of {len(weights)} samples sum to {weights.sum()}"
            raise InvalidInput(message, hint="give at least one sample a weight above 0")
        weights.flags.writeable = False
        object.__setattr__(self, "weights", weights)
        _check_draws(self)

    @property
    def fingerprint(self) -> str:
        """Text that differs where the draws would."""
        digest = sha256_text(np.asarray(self.weights, "<f8").tobytes().hex())
        return f"Weighted(weights={digest}, n={self.n})"

    def shares(self, selection: Selection) -> Float64[np.ndarray, " n"]:
        """Return a weight a sample.

        Raises:
            InvalidInput: there are more or fewer weights than samples.
        """
        if len(self.weights) != len(selection):
            message = f"{len(self.weights)} weights for {len(selection)} samples"
            raise InvalidInput(message, hint="give one weight a sample, in the selection's order")
        return np.asarray(self.weights, np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """Draw all classes equally often, and the samples of a class.

    Args:
        n: draws an epoch; as many as there are samples where None.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from pathlib import Path
        >>> from eventstore.testing import tiny_selection
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr", n_recordings=4)
        >>> selection.label.tolist(), Balanced().shares(selection).tolist()
        ([0, 1, 2, 0], [0.5, 1.0, 1.0, 0.5])
    """

    n: int | None = None

    def __post_init__(self) -> None:
        _check_draws(self)

    @property
    def fingerprint(self) -> str:
        """Text that differs where the draws would."""
        return f"Balanced(n={self.n})"

    def shares(self, selection: Selection) -> Float64[np.ndarray, " n"]:
        """Return a weight a sample: one divided by the samples of its class."""
        count = np.bincount(selection.label, minlength=len(selection.label_names))
        shares: np.ndarray = 1 / count[selection.label]
        return shares


def draw(
    sampling: Sampling, selection: Selection, *, seed: int, epoch: int
) -> Int64[np.ndarray, " draws"]:
    """Return the rows of the selection drawn in an epoch, in the order drawn.

    Args:
        sampling: how likely each is.
        selection: the samples.
        seed: chosen by the user.
        epoch: which pass over the data.

    Raises:
        InvalidInput: there is nothing to draw from.
    """
    n = n_draws(sampling, selection)
    if not n:
        return np.empty(0, np.int64)
    upto = np.cumsum(sampling.shares(selection))
    # 53 bits of a word: a number in [0, 1), each equally likely, the same on every machine.
    where = (random_words(n, seed, epoch, "sampling") >> np.uint64(11)) * 2.0**-53 * upto[-1]
    last = np.searchsorted(upto, upto[-1])  # where the product is rounded up to the sum
    rows: np.ndarray = np.minimum(np.searchsorted(upto, where, side="right"), last)
    return rows.astype(np.int64)


def n_draws(sampling: Sampling | None, selection: Selection) -> int:
    """Return how many samples an epoch serves, repeated ones counted each time.

    Raises:
        InvalidInput: some are to be drawn from none.
    """
    if sampling is None or sampling.n is None:
        return len(selection)
    if sampling.n and not len(selection):
        message = f"{sampling.n} draws of a selection without samples"
        raise InvalidInput(message, hint="select at least one sample")
    return sampling.n


def draw_id(sample_id: str, again: int) -> str:
    """Return what random transforms know a draw by, so that no two draws of an epoch are alike.

    The first draw of a sample has the randomness that the sample has without sampling.

    Examples:
        >>> draw_id("r000#0-19945", 0), draw_id("r000#0-19945", 2)
        ('r000#0-19945', 'r000#0-19945~2')
    """
    return f"{sample_id}~{again}" if again else sample_id


def _check_draws(sampling: "Weighted | Balanced") -> None:
    if sampling.n is not None:
        set_integer(sampling, "n", minimum=0)
