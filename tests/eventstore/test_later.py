"""A task runs once; whoever asks, before or after, is told what came of it."""

import threading
import weakref

import pytest

from eventstore.later import Later


def test_all_who_wait_get_the_result() -> None:
    ready, found = threading.Event(), []
    later = Later(lambda: ready.wait(10))

    def ask() -> None:
        found.append(later.result())

    asking = [threading.Thread(target=ask) for _ in range(3)]
    running = threading.Thread(target=later.run)
    for thread in (*asking, running):
        thread.start()
    assert found == []
    ready.set()
    for thread in (*asking, running):
        thread.join()
    assert found == [True] * 3
    assert later.result() is True


def test_what_the_task_raises_is_raised_to_each_who_asks() -> None:
    later = Later(lambda: 1 // 0)
    later.run()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="division"):
            later.result()


def test_the_end_of_the_interpreter_is_passed_on_too() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    later = Later(stop)
    later.run()
    with pytest.raises(KeyboardInterrupt):
        later.result()


def test_what_the_task_holds_goes_when_it_has_run() -> None:
    held = {1, 2, 3}
    gone = weakref.ref(held)
    later = Later(lambda its=held: len(its))  # type: ignore[misc]  # a default holds it
    del held
    assert gone() is not None
    later.run()
    assert gone() is None
    assert later.result() == 3


def test_a_second_run_is_refused() -> None:
    later = Later(lambda: 1)
    later.run()
    with pytest.raises(AttributeError):
        later.run()
    assert later.result() == 1
