import os
import threading

import numpy as np
import pytest

from snn.kernels.openmp import has_openmp, run_on_openmp

needs_openmp = pytest.mark.skipif(not has_openmp(), reason="torch runs on no GNU OpenMP here")


@needs_openmp
@pytest.mark.parametrize("n_parts", [1, 2, 3, 17])
def test_each_part_is_done_once_and_before_the_return(n_parts: int) -> None:
    done = np.zeros(n_parts, int)

    def work(part: int) -> None:
        done[part] += 1

    run_on_openmp(range(n_parts), work)
    assert (done == 1).all()


@needs_openmp
def test_parts_run_in_several_threads() -> None:
    together = threading.Barrier(2, timeout=20)  # opens only if two are in it at once
    threads: set[int] = set()

    def work(_: int) -> None:
        together.wait()
        threads.add(threading.get_native_id())

    run_on_openmp([0, 1], work)
    assert len(threads) == 2


@needs_openmp
def test_an_error_surfaces_and_the_other_parts_are_done() -> None:
    done: list[int] = []

    def work(part: int) -> None:
        if part == 1:
            raise ZeroDivisionError
        done.append(part)

    with pytest.raises(ZeroDivisionError):
        run_on_openmp(range(4), work)
    assert sorted(done) == [0, 2, 3]
    run_on_openmp([5], done.append)
    assert done[-1] == 5


@needs_openmp
def test_several_threads_may_start_regions_at_once() -> None:
    counts = np.zeros(4, int)

    def start(row: int) -> None:
        def work(part: int) -> None:
            counts[row] += part

        for _ in range(50):
            run_on_openmp([1, 2], work)

    callers = [threading.Thread(target=start, args=(row,)) for row in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert (counts == 150).all()


def test_a_forked_child_has_none_of_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert not has_openmp()
