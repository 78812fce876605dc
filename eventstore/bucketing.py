"""Bucketing: samples of about equal length in a batch, so that little of it is padding."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from eventstore.fields import check_choice, set_integer
from eventstore.shuffle import permutation


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Sort each run of so many samples of an epoch's order by length, and shuffle its batches.

    The longer the runs, the less padding, and the less a batch is a random choice. Samples of one
    length keep the order they had.

    Args:
        n: samples a run; rounded down to whole steps of all ranks, at least one.
        by: what is sorted by. ``"events"`` suits frames of so many events each, ``"duration"``
            frames of so much time each. Parts of recordings are taken to have their share of its
            events by time.

    Examples:
        >>> size = np.array([5.0, 1, 4, 2, 3, 6, 7])
        >>> order = Bucket(n=7).arrange(np.arange(7), size, group=2, seed=0, epoch=0)
        >>> [size[order[i : i + 2]].tolist() for i in range(0, 7, 2)]
        [[3.0, 4.0], [5.0, 6.0], [1.0, 2.0], [7.0]]
    """

    n: int
    by: Literal["events", "duration"] = "events"

    def __post_init__(self) -> None:
        set_integer(self, "n", minimum=1)
        check_choice(self, "by", ("events", "duration"))

    @property
    def fingerprint(self) -> str:
        """Text that differs where the order would."""
        return f"Bucket(n={self.n}, by={self.by!r})"

    def arrange(
        self,
        order: Int64[np.ndarray, " n"],
        size: Float64[np.ndarray, " n"],
        *,
        group: int,
        seed: int,
        epoch: int,
    ) -> Int64[np.ndarray, " n"]:
        """Return the samples in another order.

        What fills no whole group stays at the end, where it is the last, incomplete step; sorting
        it in would make that step the one of the longest samples.

        Args:
            order: the samples, in the order in which they would be served.
            size: length of each sample, by its number.
            group: samples of a step of all ranks.
            seed: chosen by the user.
            epoch: which pass over the data.
        """
        whole = len(order) - len(order) % group
        run = max(self.n // group, 1) * group
        arranged = order.copy()
        for k, start in enumerate(range(0, whole, run)):
            part = order[start : min(start + run, whole)]
            groups = part[np.argsort(size[part], kind="stable")].reshape(-1, group)
            turn = permutation(len(groups), seed, epoch, f"bucket {k}")
            arranged[start : start + len(part)] = groups[turn].ravel()
        return arranged
