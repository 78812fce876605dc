"""Move events to other pixels and drop those that leave the sensor.

A transform that moves events adds a rule: a kernel that says where each of them goes.
"""

from collections.abc import Callable

import numpy as np

from eventstore.events import Events
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Seeds

Landed = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Where events go: x and y of each, and whether that is on the sensor."""


def move(
    batch: EventBatch,
    seeds: Seeds,
    rule: Callable[..., None],
    reach: object,
    size: tuple[int, int],
) -> EventBatch:
    """Return the moved events that are still on the sensor; none is wrapped or held at its edge.

    Args:
        batch: the samples.
        seeds: one of each sample.
        rule: a kernel of (seeds, offsets), (x, y), the `Landed` that it fills by `land`, ``reach``
            and ``size``.
        reach: how far events move, in whatever form the rule takes it.
        size: width and height of the sensor that they move on.

    Examples:
        >>> batch = EventBatch.of([Events.of(t=[0, 1], x=[0, 3])], t_start=[0], t_stop=[2])
        >>> def right(samples, pixels, landed, reach, size):
        ...     for i, (x, y) in enumerate(zip(*pixels, strict=True)):
        ...         land(landed, i, int(x) + reach, int(y), size)
        >>> move(batch, np.array([7], "u8"), right, 1, (4, 1)).events.x.tolist()
        [1]
    """
    t, x, y, p = batch.events
    new_x, new_y, on_sensor = np.empty_like(x), np.empty_like(y), np.empty(len(t), np.bool_)
    rule((seeds, batch.offsets), (x, y), (new_x, new_y, on_sensor), reach, size)
    return batch.with_events(Events(t, new_x, new_y, p)).keep(on_sensor)


@kernel
def land(
    landed: Landed, i: int, column: int | np.int64, row: int | np.int64, size: tuple[int, int]
) -> None:
    """Write where event ``i`` goes, in a rule of `move`.

    Args:
        landed: what the rule fills.
        i: the event.
        column: its new x, any whole number.
        row: its new y.
        size: width and height of the sensor.
    """
    new_x, new_y, on_sensor = landed
    on_sensor[i] = 0 <= column < size[0] and 0 <= row < size[1]
    # What wraps here is dropped.
    new_x[i], new_y[i] = column, row
