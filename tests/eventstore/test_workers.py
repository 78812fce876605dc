"""Workers: tasks in order, lost ones run again, and what is left when they are given up."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from eventstore.errors import InvalidInput, MissingExtra, SpikelakeError
from eventstore.workers import (
    MOST_LOSSES,
    Workers,
    ahead,
    as_workers,
    cluster_workers,
    local_workers,
)


class Breaking(Executor):
    """Runs tasks at once, and breaks at the first so many of them."""

    def __init__(self, breaks: list[int]) -> None:
        self._breaks = breaks

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self._breaks[0]:
            self._breaks[0] -= 1
            future.set_exception(BrokenExecutor("a worker died"))
        else:
            try:
                future.set_result(fn(*args, **kwargs))
            except ValueError as error:
                future.set_exception(error)
        return future


def test_results_come_in_the_order_asked_for() -> None:
    with ThreadPoolExecutor(2) as executor:
        workers = Workers(executor, window=4)
        jobs = [workers.submit(lambda n: n * n, n) for n in range(9)]
        assert [workers.result(job) for job in jobs] == [n * n for n in range(9)]


def test_what_a_task_raises_is_raised() -> None:
    workers = Workers(Breaking([0]), window=1)
    with pytest.raises(ValueError, match="invalid literal"):
        workers.result(workers.submit(int, "x"))


def test_lost_tasks_are_run_again_on_new_workers() -> None:
    breaks = [2]
    workers = Workers(Breaking(breaks), window=4, renew=lambda: Breaking(breaks))
    jobs = [workers.submit(abs, -n) for n in range(5)]
    assert [workers.result(job) for job in jobs] == list(range(5))


def test_workers_that_die_again_and_again_are_given_up() -> None:
    breaks = [99]
    workers = Workers(Breaking(breaks), window=4, renew=lambda: Breaking(breaks))
    with pytest.raises(SpikelakeError, match=r"workers died at their work \(a worker died\)") as e:
        workers.result(workers.submit(abs, 1))
    assert "--resume" in e.value.hint
    assert breaks == [99 - 1 - MOST_LOSSES]
    lasting = Workers(Breaking([1]), window=4)  # nobody makes new ones
    job = lasting.submit(abs, 1)
    with pytest.raises(SpikelakeError, match="workers died"):
        lasting.result(job)


def test_draining_waits_for_what_runs_and_gives_up_the_rest() -> None:
    done: list[int] = []

    def work(n: int) -> None:
        time.sleep(0.05)
        done.append(n)

    with ThreadPoolExecutor(1) as executor:
        workers = Workers(executor, window=4)
        for n in range(50):
            workers.submit(work, n)
        workers.drain()
        so_far = len(done)
        assert so_far < 50
    assert len(done) == so_far


def test_ahead_keeps_the_next_items_made() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for n in range(6):
            made.append(n)
            yield n

    items = ahead(numbers(), 2)
    assert made == []
    assert [(next(items), len(made)) for _ in range(3)] == [(0, 3), (1, 4), (2, 5)]
    assert list(items) == [3, 4, 5]


def test_anything_that_runs_tasks_will_do() -> None:
    class Client:
        def get_executor(self) -> Executor:
            return Breaking([0])

    workers = Workers(Breaking([0]), window=3)
    assert as_workers(workers) is workers
    for runs in (Breaking([0]), Client()):
        made = as_workers(runs)
        assert made.result(made.submit(abs, -3)) == 3


# Run with `exec` in another process: dies the first time, and says where it ran the second.
DIE_ONCE = """
import os, pathlib
mark = pathlib.Path({mark!r})
if not mark.exists():
    mark.touch()
    os.kill(os.getpid(), 9)
mark.write_text(str(os.getpid()))
"""


def test_processes_that_are_killed_are_replaced(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with local_workers(1) as workers:
        jobs = [workers.submit(exec, DIE_ONCE.format(mark=str(mark)))]
        jobs += [workers.submit(len, "ab")]  # type: ignore[arg-type]
        assert [workers.result(job) for job in jobs] == [None, 2]
        pid = int(mark.read_text())
        assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)  # nobody is left behind


def test_no_workers_are_refused() -> None:
    with pytest.raises(InvalidInput, match="0 workers"), local_workers(0):
        pass


def test_a_running_cluster_does_the_work() -> None:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, cluster_workers(cluster.scheduler_address) as workers:
        assert workers.window == 4
        jobs = [workers.submit(abs, -n) for n in range(5)]
        assert [workers.result(job) for job in jobs] == list(range(5))


def test_a_cluster_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(InvalidInput, match="no scheduler answers at nonsense://x"),
        cluster_workers("nonsense://x"),
    ):
        pass
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtra) as e, cluster_workers("tcp://127.0.0.1:1"):
        pass
    assert "spikelake[distributed]" in e.value.hint
