import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.prefetch import PacedReads, Stopwatch, Tasks, ahead


def noted(item: int, among: list[int]) -> int:
    among.append(item)
    return item


@given(st.lists(st.integers(), max_size=20), st.integers(0, 5))
def test_drawing_ahead_changes_no_order(items: list[int], n: int) -> None:
    assert list(ahead(items, n)) == items


def test_no_more_is_drawn_than_asked_for() -> None:
    drawn: list[int] = []
    given_out = ahead((noted(i, drawn) for i in range(100)), 3)
    assert [next(given_out), next(given_out)] == [0, 1]
    assert drawn == [0, 1, 2, 3, 4]


@contextmanager
def threads_of(tasks: Tasks) -> Iterator[None]:
    tasks.begin()
    try:
        yield
    finally:
        tasks.end()


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_results_and_errors_reach_the_caller(threads: int) -> None:
    tasks = Tasks(threads)
    with threads_of(tasks):
        futures = [tasks.start(lambda i=i: 10 // i) for i in (5, 0, 2)]  # type: ignore[misc]
        assert futures[0].result() == 2
        assert futures[2].result() == 5
        with pytest.raises(ZeroDivisionError):
            futures[1].result()


def test_no_thread_outlives_the_block_and_waiting_work_is_left_to_the_next() -> None:
    before = set(threading.enumerate())
    began, gate = threading.Event(), threading.Event()
    ran: list[int] = []
    tasks = Tasks(1)

    def first() -> None:
        gate.wait()
        ran.append(0)

    with threads_of(tasks):
        tasks.start(began.set)
        tasks.start(first)
        last = tasks.start(lambda: ran.append(1))
        began.wait()  # the thread goes on with the next at once, unless it is told to end
        threading.Timer(0.05, gate.set).start()
    assert ran == [0]
    assert not [t for t in set(threading.enumerate()) - before if "spikelake" in t.name]
    tasks.start(lambda: ran.append(2))
    with threads_of(tasks):
        last.result()
        tasks.start(lambda: ran.append(3)).result()
    assert ran == [0, 1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has such threads")
def test_threads_do_not_interrupt_the_one_that_wakes_them() -> None:
    mine = os.sched_getscheduler(0)
    tasks = Tasks(1)
    with threads_of(tasks):
        theirs = tasks.start(lambda: os.sched_getscheduler(0)).result()
    assert theirs == (os.SCHED_BATCH if mine == os.SCHED_OTHER else mine)
    assert os.sched_getscheduler(0) == mine


def test_a_block_that_is_never_left_does_not_keep_the_interpreter_from_ending() -> None:
    code = (
        "from eventstore.prefetch import Tasks\n"
        "tasks = Tasks(2)\n"
        "tasks.begin()\n"
        "print(tasks.start(lambda: 42).result())\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("42\n", "")


@given(
    st.lists(st.integers(0, 6), max_size=30),
    st.integers(0, 9),
    st.integers(1, 5),
    st.integers(1, 4),
)
def test_every_block_is_read_once_and_held_no_longer_than_needed(
    blocks: list[int], in_flight: int, batch: int, together: int
) -> None:
    read: list[int] = []
    reads = PacedReads(
        Tasks(0),
        lambda some: [noted(block, read) for block in some],
        np.array(blocks, np.int64),
        in_flight=in_flight,
        together=together,
    )
    for start in range(0, len(blocks), batch):
        stop = min(start + batch, len(blocks))
        taken = reads.take(start, stop)
        assert {b: f.result() for b, f in taken.items()} == {b: b for b in blocks[start:stop]}
        if not start:  # what is ahead comes behind
            assert set(read) >= set(blocks[:stop])
            assert len(read) < len(set(blocks[:stop])) + together
        reads.go_ahead(stop)
        assert len(read) >= min(in_flight, len(set(blocks)))
        assert set(reads._held).isdisjoint(set(blocks[:stop]) - set(blocks[stop:]))
    assert reads._held == {}
    assert sorted(read) == sorted(set(blocks))


def test_the_stopwatch_sums_over_threads_and_errors() -> None:
    watch = Stopwatch("read")

    def work() -> None:
        for _ in range(50):
            with watch.measure("read"):
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    so_far = watch.seconds["read"]
    assert so_far > 0
    with pytest.raises(KeyError), watch.measure("read"):
        raise KeyError
    assert watch.seconds["read"] > so_far
    watch.restart()
    assert watch.seconds == {"read": 0}
