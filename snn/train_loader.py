"""What training needs of a loader, and how several processes go through theirs in step."""

import time
from collections.abc import Generator, Iterator
from typing import Any, Protocol, runtime_checkable

from eventstore.errors import InvalidInput
from eventstore.loader import Loader
from eventstore.loader.mixture import Mixture
from snn.evaluation import LabelledBatch
from snn.processes import Team


@runtime_checkable
class TrainLoader(Protocol):
    """What training needs of a loader; `Loader` has it."""

    def __iter__(self) -> Iterator[LabelledBatch]:
        """Iterate over the batches of the current epoch."""

    def __len__(self) -> int:
        """Return the number of batches an epoch."""

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next loop serves."""

    def state_dict(self) -> dict[str, Any]:
        """Return what it streams, and where it stands after the last batch it gave out."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a loader of the same data stood, also inside an epoch; refuse others."""


def check_share(loader: TrainLoader, team: Team) -> None:
    """Refuse a loader that serves another share of the samples than this process's.

    Raises:
        InvalidInput: it was made for another number of processes, or for another of them.
    """
    of_mixture = loader.loaders if isinstance(loader, Mixture) else ()
    for one in (loader, *of_mixture):
        if not isinstance(one, Loader):
            continue
        found = one.share.rank, one.share.world_size
        if found != (team.rank, team.size):
            message = (
                f"the loader serves rank {found[0]} of {found[1]}, "
                f"and this process is rank {team.rank} of {team.size} that train"
            )
            hint = f"make it with Loader(…, rank={team.rank}, world_size={team.size})"
            raise InvalidInput(message, hint=hint)


def timed_steps(
    loader: TrainLoader, team: Team, left: int
) -> Generator[tuple[float, LabelledBatch | None], None, None]:
    """Iterate over the steps of an epoch, each with the seconds that its batch was waited for.

    Closing it closes the loader's loop, and with that its threads.

    Args:
        loader: whose batches.
        team: the processes that go in step; a batch is None where this one has no share of a step.
        left: steps of the epoch that are left.
    """
    batches: Iterator[LabelledBatch | None] = iter(loader)
    if team.size > 1:
        batches = _in_step(loader.steps() if isinstance(loader, Mixture) else batches, left)
    try:
        while True:
            began = time.perf_counter()
            try:
                batch = next(batches)
            except StopIteration:
                return
            yield time.perf_counter() - began, batch
    finally:
        if isinstance(batches, Generator):
            batches.close()


def _in_step(
    batches: Iterator[LabelledBatch | None], left: int
) -> Generator[LabelledBatch | None, None, None]:
    """Add the last step where the other processes have one and this has no share of it."""
    served = 0
    for batch in batches:
        served += 1
        yield batch
    if served == left - 1:
        yield None
