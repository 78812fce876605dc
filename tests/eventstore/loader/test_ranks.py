"""Ranks of one training: together they serve one order, and their gradients agree."""

import json
import os
import subprocess
import sys
from typing import TypeAlias

import pytest
import torch

from eventstore.bucketing import Bucket
from eventstore.loader import EventMix, Loader
from eventstore.sampling import Balanced
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import DropEvents, FramesByBins, Pipeline

N, GROUP = 45, 24
AUGMENTED = Pipeline(DropEvents(fraction=0.3), FramesByBins(n_bins=3))

# One of two processes of trainings with gloo, met by a file; says what it saw in each.
RANK = """
import json, sys
from datetime import timedelta
from pathlib import Path
import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from eventstore.loader import Loader
from eventstore.loader.mixing import mixer_from_dict
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.transforms import DropEvents, FramesByBins, Pipeline

rank, store, meeting = int(sys.argv[1]), EventStore.open(sys.argv[2]), sys.argv[3]
dist.init_process_group(
    "gloo", init_method=f"file://{meeting}", rank=rank, world_size=2,
    timeout=timedelta(seconds=60),
)
n = store.n_recordings
selection = Selection(
    store=store, recording=np.arange(n), t_start=np.zeros(n, np.int64),
    t_stop=store.recordings.t_stop, label=np.arange(n) % 3, label_names=("a", "b", "c"),
)
pipeline = Pipeline(DropEvents(fraction=0.3), FramesByBins(n_bins=3))

def train(mix):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 2 * 6 * 8, 3))
    trained = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(trained.parameters(), 0.01)
    loader = Loader(
        selection, pipeline, batch_size=4, seed=7, rank=rank, world_size=2, drop_last=True, mix=mix
    )
    steps = []
    for batch in loader:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(trained(batch.x), batch.label).backward()
        gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
        optimizer.step()
        steps.append([batch.ids, gradient.tolist()])
    return steps

found = [train(mixer_from_dict({"mixer": name}) if name else None) for name in sys.argv[4:]]
dist.destroy_process_group()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


Seen: TypeAlias = list[tuple[list[str], list[float]]]
"""Of each step, the recordings and the gradient."""

MIXES = {"hard labels": None, "soft labels": EventMix()}


@pytest.fixture(scope="module")
def ranks(
    selection: Selection, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Seen], ...]:
    """What each of two processes saw in its trainings; they import all there is but once."""
    place = str(selection.store.files.where("zarr.json")).removesuffix("/zarr.json")
    environment = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
    meeting = str(tmp_path_factory.mktemp("ranks") / "meeting")
    mixers = ["" if mix is None else type(mix).__name__ for mix in MIXES.values()]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, str(rank), place, meeting, *mixers],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=90) for process in running]
    finally:
        for process in running:
            process.kill()
    assert [process.returncode for process in running] == [0, 0], said[0][1] + said[1][1]
    return tuple(dict(zip(MIXES, json.loads(out), strict=True)) for out, _ in said)


@pytest.mark.parametrize("labels", MIXES)
def test_two_processes_train_as_one(
    selection: Selection, ranks: tuple[dict[str, Seen], ...], labels: str
) -> None:
    first, second = (seen[labels] for seen in ranks)

    # The same training by one process, with batches of twice the size.
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 2 * 6 * 8, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    alone = Loader(selection, AUGMENTED, batch_size=8, seed=7, drop_last=True, mix=MIXES[labels])
    assert len(first) == len(second) == len(alone) == 5
    for (a_ids, a), (b_ids, b), batch in zip(first, second, alone, strict=True):
        assert a_ids + b_ids == batch.ids
        assert a == b  # the gradients of all ranks are one
        loss = torch.nn.functional.cross_entropy(model(batch.x), batch.label)
        gradients = [g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))]
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter.grad = gradient.view_as(parameter)
        torch.testing.assert_close(torch.tensor(a), torch.cat(gradients), rtol=1e-4, atol=1e-5)
        optimizer.step()


@pytest.mark.parametrize("world", [1, 2, 3, 4, 8])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"shuffle": False}, {"sampling": Balanced(n=50)}, {"bucket": Bucket(n=48)}],
    ids=["plain", "unshuffled", "sampling", "bucket"],
)
def test_any_number_of_ranks_serves_the_same_order(
    selection: Selection, world: int, arguments: dict[str, object]
) -> None:
    def ranks(world: int) -> list[Loader]:
        return [
            Loader(
                selection,
                AUGMENTED,
                batch_size=GROUP // world,
                rank=rank,
                world_size=world,
                seed=3,
                prefetch=0,
                **arguments,  # type: ignore[arg-type]
            )
            for rank in range(world)
        ]

    expected = [
        (name, frames.numpy().tobytes())
        for batch in ranks(1)[0]
        for name, frames in zip(batch.ids, batch.x, strict=True)
    ]
    running = [iter(loader) for loader in ranks(world)]
    served: list[tuple[str, bytes]] = []
    for _ in range(-(-len(expected) // GROUP)):
        for batches in running:
            batch = next(batches, None)
            if batch is not None:
                served += [
                    (name, frames.numpy().tobytes())
                    for name, frames in zip(batch.ids, batch.x, strict=True)
                ]
    assert served == expected
    assert all(next(batches, None) is None for batches in running)


def test_buckets_hold_for_the_same_samples_a_step(selection: Selection) -> None:
    from eventstore.errors import InvalidInput

    def make(batch_size: int, world: int) -> Loader:
        return Loader(
            selection, AUGMENTED, batch_size=batch_size, world_size=world, bucket=Bucket(n=20)
        )

    state = make(4, 1).state_dict()
    make(2, 2).load_state_dict(state)
    with pytest.raises(InvalidInput, match="saved with step_samples 4, this loader has 6"):
        make(3, 2).load_state_dict(state)
