"""Two processes that train one network, as torchrun starts them, and one that does so alone."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from catalog.splits.split import Split
from snn.recipe import Recipe
from snn.tasks import Run, load_run, train_task

TRAIN = """
import json, os, signal, sys
import numpy as np
from catalog.labels.intervals import Label
from catalog.reference import Reference
from catalog.splits.record import SplitRecord
from catalog.splits.split import Split
from eventstore.store import EventStore
from pathlib import Path
from snn.recipe import Recipe
from snn.tasks import train_task

task = json.loads(sys.argv[1])
store = EventStore.open(task["store"])
names = tuple(task["label_names"])
split = Split(
    record=SplitRecord(name="official", rule={"rule": "official"}, label_set="class",
                       label_names=names, counts={}, digest="ab" * 32),
    reference=Reference(name="tiny", version="1.0.0", split="official", digest="ab" * 8),
    store=store,
    samples=tuple(Label(*sample) for sample in task["samples"]),
    fold_of=tuple(task["fold_of"]),
)

def on_step(report):
    done = report.epoch * report.steps + report.step
    print(done, flush=True)
    if done == task["stop_after"]:
        os.kill(os.getpid(), signal.SIGKILL)

run = train_task(split, Recipe.from_dict(task["recipe"]), Path(task["out"]), resume=True,
                 checkpoint_every=1, on_step=on_step)
# A thread of the group that outlives it would end the process with a crash, now and then.
names = [(of / "comm").read_text().strip() for of in Path("/proc/self/task").glob("*")]
print(json.dumps([n for n in names if "gloo" in n or "tcpstore" in n]), flush=True)
print(json.dumps([run.metrics["accuracy"], run.result.best_epoch]), flush=True)
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def of_two(
    split: Split, recipe: Recipe, out: Path, *, stop_after: tuple[int, int] = (0, 0)
) -> list[tuple[int, list[Any], str]]:
    """Train in two processes; each kills itself after a step, 0: never."""
    task = {
        "store": str(split.store.files.where("zarr.json")).removesuffix("/zarr.json"),
        "label_names": split.label_names,
        "samples": split.samples,
        "fold_of": split.fold_of,
        "recipe": recipe.to_dict(),
        "out": str(out),
    }
    shared = {
        **os.environ,
        "GLOO_SOCKET_IFNAME": "lo",
        "OMP_NUM_THREADS": "1",
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TRAIN, json.dumps(task | {"stop_after": stop_after[rank]})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=shared | {"RANK": str(rank)},
        )
        for rank in range(2)
    ]
    try:
        said = [process.communicate(timeout=100) for process in running]
    finally:
        for process in running:
            process.kill()
    return [
        (process.returncode, [json.loads(line) for line in out.splitlines()], complained)
        for process, (out, complained) in zip(running, said, strict=True)
    ]


def without_dropout(recipe: Recipe, **options: Any) -> Recipe:
    values = recipe.to_dict() | options
    values["model"] = values["model"] | {"dropout": 0.0}
    return Recipe.from_dict(values)


# 21 samples are trained on. In steps of 10, the last is of one sample: the second process has none.
# In steps of 8, it is of 5: three and two.
@pytest.mark.parametrize(
    ("batch_size", "mix"),
    [(10, {}), pytest.param(8, {"mix": {"mixer": "EventMix"}}, marks=pytest.mark.slow)],
    ids=["plain", "mixed"],
)
def test_two_processes_train_as_one(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path, batch_size: int, mix: dict[str, Any]
) -> None:
    data = {"batch_size": batch_size, "held_out": 0.1}
    recipe = without_dropout(tiny_recipe, data=data, **mix)
    alone = train_task(tiny_split, recipe, tmp_path / "alone")
    for status, said, complained in of_two(tiny_split, recipe, tmp_path / "two"):
        assert status == 0, complained
        assert said[-2] == []  # no thread of the group is left
        assert said[-1] == [alone.metrics["accuracy"], alone.result.best_epoch]
    together = load_run(tmp_path / "two")
    for name, weight in alone.model.state_dict().items():
        torch.testing.assert_close(together.model.state_dict()[name], weight, rtol=1e-4, atol=1e-5)
    for one, other in zip(together.result.history, alone.result.history, strict=True):
        assert one.result == pytest.approx(other.result, rel=1e-4)
    assert together.metrics["confusion"] == alone.metrics["confusion"]


def test_both_killed_and_taken_up_end_with_the_same_bits(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for status, _, complained in of_two(tiny_split, tiny_recipe, whole):
        assert status == 0, complained
    # The other is killed by its own hand, too, or says that nobody answers.
    killed = of_two(tiny_split, tiny_recipe, cut, stop_after=(4, 4))
    assert killed[0][0] == -signal.SIGKILL
    assert not (cut / "run.json").exists()
    taken_up = of_two(tiny_split, tiny_recipe, cut)
    assert [status for status, _, _ in taken_up] == [0, 0], taken_up
    assert taken_up[0][1][0] == 5
    assert_same(load_run(cut), load_run(whole))


@pytest.mark.slow
def test_the_death_of_one_ends_the_other_with_a_reason(
    tiny_split: Split, tiny_recipe: Recipe, tmp_path: Path
) -> None:
    first, second = of_two(tiny_split, tiny_recipe, tmp_path, stop_after=(0, 2))
    assert second[0] == -signal.SIGKILL
    assert first[0] == 1
    assert "another process of this training does not answer" in first[2]


def assert_same(found: Run, expected: Run) -> None:
    for name, weight in expected.model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], weight)
    assert [r.result for r in found.result.history] == [r.result for r in expected.result.history]
    assert found.metrics == expected.metrics
