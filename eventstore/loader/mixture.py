"""Mixture: batches of several loaders in turn, such as of two data sets."""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import accumulate
from math import isfinite
from typing import Any, Literal

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.loader.batch import Batch
from eventstore.loader.stream import Loader
from eventstore.shuffle import permutation, random_words

Until = Literal["all", "any"]


class Mixture:
    """Serve batches of several loaders, each of one loader, in a random order.

    Which loader serves next is a function of (seed, epoch, weights, steps of the loaders): the same
    on all ranks, so that each step of all ranks is of one loader. A state can be loaded with other
    numbers of ranks where batches are so much smaller or larger that the steps are the same.

    Each ``for`` loop is one epoch of all loaders; `set_epoch` chooses it. An epoch left half-way
    begins anew, unless `state_dict` is loaded. The loaders are the mixture's: leave them to it.

    Args:
        loaders: what to serve from.
        weights: how likely each is to serve next; as likely as its steps are many where None, which
            spreads all of them over the epoch.
        seed: of the order of the loaders; each orders its own samples by its own seed.
        until: ``"all"`` ends when all loaders have served all they have, those that have are left
            out from then on; ``"any"`` ends when the first has, so that the weights hold to the
            end.

    Raises:
        InvalidInput: no loaders, other than one weight a loader, or a weight that is not above 0.

    Examples:
        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_selection
        >>> from eventstore.transforms import FramesByBins, Pipeline
        >>> selection = tiny_selection(Path(mkdtemp()) / "events.zarr")
        >>> pipeline = Pipeline(FramesByBins(n_bins=5))
        >>> parts = [selection.take(range(15)), selection.take(range(15, 20))]
        >>> mixture = Mixture([Loader(part, pipeline, batch_size=5) for part in parts], seed=1)
        >>> [len(batch.ids) for batch in mixture], len(mixture)
        ([5, 5, 5, 5], 4)
    """

    def __init__(
        self,
        loaders: Sequence[Loader],
        weights: Sequence[float] | None = None,
        *,
        seed: int = 0,
        until: Until = "all",
    ) -> None:
        self.loaders = tuple(loaders)
        self._counts = [loader.share.n_steps(loader.order.n) for loader in self.loaders]
        self._weights = _checked(weights, len(self.loaders))
        self._seed = seed
        if until not in {"all", "any"}:
            message = f"until={until!r} is neither 'all' nor 'any'"
            raise InvalidInput(message, hint='until="all" serves every batch of every loader')
        self._until: Until = until
        self._resumed = False
        self._planned: tuple[int, Int64[np.ndarray, " steps"]] | None = None
        self.set_epoch(0)

    @property
    def epoch(self) -> int:
        """The epoch under way, or the one that the next loop serves."""
        return self._epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop serves, from its start, for all loaders."""
        self._epoch, self._position, self._resumed = epoch, 0, False
        for loader in self.loaders:
            loader.set_epoch(epoch)

    def __len__(self) -> int:
        """Return the number of steps of the epoch; a rank may have fewer batches, see `Share`."""
        return len(self._turns())

    def state_dict(self) -> dict[str, Any]:
        """Return where the mixture stands after the last batch it gave out: plain values."""
        over = self._position >= len(self) > 0
        return {
            **self._identity(),
            "epoch": self._epoch + over,
            "position": 0 if over else self._position,
            "loaders": [loader.state_dict() for loader in self.loaders],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state_dict` was taken: the next loop serves the rest of that epoch.

        Raises:
            InvalidInput: the state is of other loaders, they serve something else, or it names no
                place.
        """
        for name, mine in self._identity().items():
            if state.get(name) != mine:
                message = f"the state was saved with {name} {state.get(name)!r}, not {mine!r}"
                raise InvalidInput(message, hint="make the mixture with the arguments of that run")
        epoch: Any = state.get("epoch")
        position: Any = state.get("position")
        states: Any = state.get("loaders")
        whole = isinstance(epoch, int) and isinstance(position, int) and isinstance(states, list)
        if not (whole and len(states) == len(self.loaders) and epoch >= 0 <= position):
            message = f"a state at epoch {epoch!r}, step {position!r}"
            raise InvalidInput(message, hint="load what state_dict() returned, unchanged")
        self.set_epoch(epoch)
        for loader, its in zip(self.loaders, states if position else [], strict=False):
            loader.load_state_dict(its)
        self._position, self._resumed = position, position > 0

    def __iter__(self) -> Iterator[Batch]:
        """Iterate over the batches of the epoch, or over what is left of a resumed one."""
        return self._batches(self.steps())

    def steps(self) -> Generator[Batch | None, None, None]:
        """Iterate over the steps of the epoch, or over what is left of a resumed one.

        All ranks have as many, so they stay in step; None stands for one of which this rank has no
        share.
        """
        if not self._resumed:
            self.set_epoch(self._epoch)
        self._resumed = False
        return self._served()

    @staticmethod
    def _batches(steps: Generator[Batch | None, None, None]) -> Generator[Batch, None, None]:
        with closing(steps):
            yield from (batch for batch in steps if batch is not None)

    def _served(self) -> Generator[Batch | None, None, None]:
        order = self._turns()
        with ExitStack() as opened:
            running: dict[int, Iterator[Batch]] = {}
            for position in range(self._position, len(order)):
                which = int(order[position])
                if which not in running:
                    loader = self.loaders[which]
                    # One that stands at a later epoch has served all it has of this one.
                    its = iter(loader) if loader.epoch == self._epoch else _nothing()
                    running[which] = opened.enter_context(closing(its))
                batch = next(running[which], None)
                self._position = position + 1
                yield batch  # None: a rank may have no share of a loader's last step
        self.set_epoch(self._epoch + 1)

    def _turns(self) -> Int64[np.ndarray, " steps"]:
        """Return the loader of each step of the epoch."""
        if self._planned is None or self._planned[0] != self._epoch:
            order = turns(self._counts, self._weights, seed=self._seed, epoch=self._epoch)
            if self._until == "any":
                order = _until_one_is_empty(order, self._counts)
            self._planned = self._epoch, order
        return self._planned[1]

    def _identity(self) -> dict[str, Any]:
        return {
            "seed": self._seed,
            "until": self._until,
            "weights": self._weights,
            "steps": list(self._counts),
        }


def turns(
    counts: Sequence[int], weights: Sequence[float] | None, *, seed: int, epoch: int
) -> Int64[np.ndarray, " steps"]:
    """Return which loader serves each step, until all have served all they have.

    Args:
        counts: steps of each.
        weights: how likely each is to be next while it has any left; None makes all orders of all
            steps equally likely.
        seed: chosen by the user.
        epoch: which pass over the data.

    Examples:
        >>> turns([3, 2], None, seed=0, epoch=0).tolist()
        [1, 0, 0, 0, 1]
        >>> turns([5, 2], [1, 9], seed=0, epoch=0).tolist()
        [1, 1, 0, 0, 0, 0, 0]
    """
    n = sum(counts)
    if weights is None:
        order: np.ndarray = np.repeat(np.arange(len(counts)), counts)
        order = order[permutation(n, seed, epoch, "mixture")]
        return order.astype(np.int64)
    left, chosen = list(counts), []
    upto = list(accumulate(weights))
    for part in (random_words(n, seed, epoch, "mixture") >> np.uint64(11)) * 2.0**-53:
        if 0 in left:
            upto = list(accumulate(w if k else 0.0 for w, k in zip(weights, left, strict=True)))
        # Where the product is rounded up to the sum, the last that has any left.
        which = min(bisect_right(upto, part * upto[-1]), bisect_left(upto, upto[-1]))
        left[which] -= 1
        chosen.append(which)
    return np.array(chosen, np.int64)


def _until_one_is_empty(
    order: Int64[np.ndarray, " n"], counts: Sequence[int]
) -> Int64[np.ndarray, " m"]:
    """Return the steps up to the last of the loader that is the first to have none left."""
    if 0 in counts:
        return order[:0]
    last = [int(np.flatnonzero(order == which)[-1]) for which in range(len(counts))]
    return order[: min(last) + 1]


def _checked(weights: Sequence[float] | None, n: int) -> list[float] | None:
    if n < 1:
        message = "a mixture of no loaders"
        raise InvalidInput(message, hint="give at least one")
    if weights is None:
        return None
    if len(weights) != n or not all(isfinite(w) and w > 0 for w in weights):
        message = f"weights {list(weights)} of {n} loaders"
        raise InvalidInput(message, hint="give each loader a weight above 0")
    return [float(w) for w in weights]


def _nothing() -> Generator[Batch, None, None]:
    yield from ()
