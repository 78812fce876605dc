"""What is begun of the next epoch while the last batches of one are used."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.loader import Batch, Loader
from eventstore.loader.source import EventSource, Made
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import DropEvents, FramesByBins, Pipeline, RandomKey

AUGMENTED = Pipeline(DropEvents(fraction=0.3), FramesByBins(n_bins=3))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=20)


def same(a: Sequence[Batch], b: Sequence[Batch]) -> bool:
    return len(a) == len(b) and all(
        one.ids == two.ids and torch.equal(one.x, two.x) for one, two in zip(a, b, strict=True)
    )


def alone(selection: Selection, epoch: int, position: int = 0) -> list[Batch]:
    """Return the batches of an epoch as a loader makes them that begins with it."""
    loader = Loader(selection, AUGMENTED, batch_size=3, prefetch=0)
    return [batch for _, batch in loader.serve(epoch, position)]


@settings(max_examples=15, deadline=None)
@given(
    turns=st.lists(
        st.tuples(st.sampled_from(["whole", "left", "set", "resume"]), st.integers(0, 4)),
        max_size=6,
    ),
    prefetch=st.integers(1, 9),
)
def test_whatever_is_asked_for_next_is_served(
    selection: Selection, turns: list[tuple[str, int]], prefetch: int
) -> None:
    loader = Loader(selection, AUGMENTED, batch_size=3, prefetch=prefetch)
    for turn, number in turns:
        epoch = loader.epoch
        if turn == "set":
            loader.set_epoch(number)
        elif turn == "left":
            running = iter(loader)
            assert same([next(running) for _ in range(number)], alone(selection, epoch)[:number])
            running.close()
        elif turn == "resume":
            state = loader.state_dict() | {"position": 3 * number}
            loader.load_state_dict(state)
            assert same(list(loader), alone(selection, state["epoch"], 3 * number))
        else:
            assert same(list(loader), alone(selection, epoch))
    epoch = loader.epoch
    assert same(list(loader), alone(selection, epoch))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the epochs of the batches that are made from here on."""
    epochs: list[int] = []
    frames = EventSource.frames

    def noted(self: EventSource, picked: Any, places: Any, key: RandomKey, allocate: Any) -> Made:
        epochs.append(key.epoch)
        if key.epoch == 3:
            raise ZeroDivisionError
        return frames(self, picked, places, key, allocate)

    monkeypatch.setattr(EventSource, "frames", noted)
    return epochs


def test_the_first_batches_of_the_next_epoch_are_made_once(
    selection: Selection, made: list[int]
) -> None:
    loader = Loader(selection, AUGMENTED, batch_size=5, prefetch=2)
    running = iter(loader)
    for _ in range(4):
        next(running)
    ready = threading.Event()
    while made.count(1) < 2:  # they come by themselves
        ready.wait(0.001)
    assert list(running) == []
    assert len(list(loader)) == 4
    assert made.count(0) == made.count(1) == 4


def test_threads_stay_between_epochs_and_go_with_the_loader(selection: Selection) -> None:
    before = set(threading.enumerate())

    def threads() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in before]

    loader = Loader(selection, AUGMENTED, batch_size=5, threads=2)
    list(loader)
    first = threads()
    assert len(first) == 2
    list(loader)
    assert threads() == first
    loader.set_epoch(7)  # other batches than those that were begun
    list(loader)
    assert len(threads()) == 2
    for thread in first:
        thread.join(10)
    assert not any(thread.is_alive() for thread in first)
    last = threads()
    del loader  # no rubbish has to be looked for
    for thread in last:
        thread.join(10)
    assert threads() == []


def test_an_error_of_the_next_epoch_comes_with_that_epoch(
    selection: Selection, made: list[int]
) -> None:
    loader = Loader(selection, AUGMENTED, batch_size=5)
    loader.set_epoch(2)
    assert len(list(loader)) == 4
    with pytest.raises(ZeroDivisionError):
        list(loader)
    assert made.count(2) == 4


@pytest.mark.parametrize("options", [{"prefetch": 0}, {"remote": True}])
def test_nothing_is_begun_where_that_does_not_help(
    selection: Selection, made: list[int], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = options.pop("remote", False)
    monkeypatch.setattr(type(selection.store.files), "remote", remote, raising=False)
    list(Loader(selection, AUGMENTED, batch_size=5, **options))
    assert made == [0] * 4
