from collections.abc import Iterator
from typing import Any

import pytest
import torch

from catalog.splits.split import Split
from eventstore.errors import InvalidInput
from eventstore.loader import Loader, Mixture
from eventstore.loader.batch import Batch
from eventstore.transforms.frames import FramesByBins
from eventstore.transforms.pipeline import Pipeline
from snn.processes import Team
from snn.train_loader import check_share, timed_steps

PIPELINE = Pipeline(FramesByBins(n_bins=2))
CPU = torch.device("cpu")


def team(rank: int, size: int) -> Team:
    return Team(torch_device=CPU, rank=rank, size=size)


def loader(split: Split, part: range, rank: int, size: int) -> Loader:
    selection = split.selection("train").take(part)
    return Loader(selection, PIPELINE, batch_size=4, rank=rank, world_size=size, prefetch=0)


def ids(batch: Any) -> list[str] | None:
    return None if batch is None else list(batch.ids)


def test_each_step_says_how_long_it_was_waited_for(tiny_split: Split) -> None:
    one = loader(tiny_split, range(10), 0, 1)
    steps = list(timed_steps(one, team(0, 1), 3))
    assert [len(batch.label) for _, batch in steps if batch is not None] == [4, 4, 2]
    assert all(waited > 0 for waited, _ in steps)


@pytest.mark.parametrize("n", range(1, 25))
def test_two_processes_go_in_step_and_serve_all(tiny_split: Split, n: int) -> None:
    loaders = [loader(tiny_split, range(n), rank, 2) for rank in range(2)]
    left = max(map(len, loaders))
    served = [
        [ids(batch) for _, batch in timed_steps(one, team(rank, 2), left)]
        for rank, one in enumerate(loaders)
    ]
    assert [len(of_rank) for of_rank in served] == [left, left]
    alone = [i for b in Loader(loaders[0].selection, PIPELINE, batch_size=8) for i in b.ids]
    together = [name for step in zip(*served, strict=True) for part in step for name in part or ()]
    assert together == alone


@pytest.mark.parametrize("n", [1, 9, 10, 15])
def test_so_do_mixtures_where_a_step_of_one_loader_is_no_ones_share(
    tiny_split: Split, n: int
) -> None:
    def mixture(rank: int, size: int, batch_size: int) -> Mixture:
        selection = tiny_split.selection("train")
        return Mixture(
            [
                Loader(
                    selection.take(part),
                    PIPELINE,
                    batch_size=batch_size,
                    rank=rank,
                    world_size=size,
                    prefetch=0,
                )
                for part in (range(n), range(n, 24))
            ],
            seed=2,
        )

    alone = [ids(batch) for batch in mixture(0, 1, 8)]
    ranks = [
        [ids(batch) for _, batch in timed_steps(mixture(rank, 2, 4), team(rank, 2), len(alone))]
        for rank in range(2)
    ]
    together = [(one or []) + (other or []) for one, other in zip(*ranks, strict=True)]
    assert together == alone


def test_a_loader_of_another_share_is_refused(tiny_split: Split) -> None:
    one = loader(tiny_split, range(8), 0, 1)
    check_share(one, team(0, 1))
    for trained in (one, Mixture([one])):
        with pytest.raises(InvalidInput, match=r"serves rank 0 of 1.* rank 1 of 2") as caught:
            check_share(trained, team(1, 2))
    assert caught.value.hint == "make it with Loader(…, rank=1, world_size=2)"


def test_closing_the_steps_closes_the_loop_over_the_loader() -> None:
    closed: list[bool] = []

    class Watched:
        def __iter__(self) -> Iterator[Batch]:
            try:
                while True:
                    yield Batch(torch.zeros(1), torch.zeros(1), torch.zeros(1), [])
            finally:
                closed.append(True)

        def __len__(self) -> int:
            return 2

        def set_epoch(self, epoch: int) -> None: ...

        def state_dict(self) -> dict[str, Any]:
            return {}

        def load_state_dict(self, state: dict[str, Any]) -> None: ...

    steps = timed_steps(Watched(), team(0, 1), 2)
    next(steps)
    assert not closed
    steps.close()
    assert closed
