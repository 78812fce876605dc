import numpy as np
import pytest

from eventstore.events import Events
from eventstore.transforms import EventBatch
from eventstore.transforms.moves import Landed, land, move

SEEDS = np.array([3, 4], np.uint64)
WIDTH, HEIGHT = 5, 4


def by_hand(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    reach: tuple[int, int],
    size: tuple[int, int],
) -> None:
    """Move the events of sample b by b + 1 times the reach."""
    seeds, offsets = samples
    assert seeds.tolist() == [3, 4]
    for b in range(len(seeds)):
        for i in range(offsets[b], offsets[b + 1]):
            x, y = int(pixels[0][i]), int(pixels[1][i])
            land(landed, i, x + (b + 1) * reach[0], y + (b + 1) * reach[1], size)


def full_batch() -> EventBatch:
    """Return two samples with an event on every pixel each."""
    y, x = (column.ravel() for column in np.mgrid[:HEIGHT, :WIDTH])
    every = Events.of(t=np.arange(x.size), x=x, y=y, p=x % 2)
    return EventBatch.of([every, every], t_start=[0, 0], t_stop=[20, 20], ids=["a", "b"])


@pytest.mark.parametrize("dx", [-70_000, -9, -1, 0, 2, 9, 65_536])
@pytest.mark.parametrize("dy", [-65_536, -1, 0, 1])
def test_what_leaves_the_sensor_is_dropped_and_the_rest_moved(dx: int, dy: int) -> None:
    batch = full_batch()
    out = move(batch, SEEDS, by_hand, (dx, dy), (WIDTH, HEIGHT))
    for b in range(2):
        expected = [
            (t, x + (b + 1) * dx, y + (b + 1) * dy, p)
            for t, x, y, p in zip(*(c.tolist() for c in batch.sample(b)), strict=True)
            if 0 <= x + (b + 1) * dx < WIDTH and 0 <= y + (b + 1) * dy < HEIGHT
        ]
        assert list(zip(*(c.tolist() for c in out.sample(b)), strict=True)) == expected
    assert out.ids == batch.ids
    assert out.t_stop.tolist() == [20, 20]


def test_the_sensor_moved_on_may_be_smaller() -> None:
    out = move(full_batch(), SEEDS, by_hand, (0, 0), (2, 1))
    assert out.events.x.tolist() == [0, 1] * 2
    assert out.events.y.tolist() == [0, 0] * 2


def test_the_input_is_left_as_it_is() -> None:
    batch = full_batch()
    before = [column.copy() for column in batch.events]
    move(batch, SEEDS, by_hand, (1, 1), (WIDTH, HEIGHT))
    assert all(np.array_equal(a, b) for a, b in zip(before, batch.events, strict=True))
