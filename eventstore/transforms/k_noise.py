"""Noise filter with one memory cell a row and a column of the sensor."""

from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.denoise import NEVER
from eventstore.transforms.protocol import Mask, check_choice, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class KNoise(EventFilter, SameSensor):
    """Keep an event if a row or column near it remembers one beside it, not long ago.

    A. Khodamoradi & R. Kastner, "O(N)-space spatiotemporal filter for reducing noise in
    neuromorphic vision sensors", TETC 2018. Each column remembers row, time and polarity of its
    last event, each row the column: memory grows with the sensor's side, not its area, as suits
    hardware. An event is kept if a column of x−1, x, x+1 or a row of y−1, y, y+1 remembers
    one of the 8 pixels around it. What was overwritten by an event elsewhere in the row and column
    is forgotten, so it drops more than `BackgroundActivity`, and the more so the busier the scene.

    Args:
        filter_time_us: how long an event supports its neighbours.
        same_polarity: an event supports those of its own polarity only, as in the paper.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 5, 6, 7], x=[0, 1, 0, 1], y=[0, 1, 9, 0], p=[1, 1, 1, 0])
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[10])
        >>> KNoise(filter_time_us=10).apply(batch, Sensor(10, 10), NO_SEEDS).events.t.tolist()
        [5]
    """

    filter_time_us: int = 1_000
    same_polarity: bool = True

    def __post_init__(self) -> None:
        set_integer(self, "filter_time_us", minimum=1, maximum=1 << 60)
        check_choice(self, "same_polarity", (False, True))

    @property
    def memory_us(self) -> int:
        """How far back an event's fate reaches: `eventstore.transforms.memory`."""
        return self.filter_time_us

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is kept."""
        # A cell before the first and one behind the last never fire; rows of a cell: t, place, p.
        columns = np.empty((sensor.width + 2, 3), np.int64)
        rows = np.empty((sensor.height + 2, 3), np.int64)
        mask = np.empty(len(batch.events), np.bool_)
        need = (self.filter_time_us, self.same_polarity)
        bad = _remembered(batch.events.arrays(), batch.offsets, need, (columns, rows), mask)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)
        return mask


@kernel
def _remembered(
    events: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    offsets: np.ndarray,
    need: tuple[int, bool],
    cells: tuple[np.ndarray, np.ndarray],
    mask: np.ndarray,
) -> int:
    t, x, y, p = events
    filter_time, same_polarity = need
    columns, rows = cells
    for b in range(len(offsets) - 1):
        columns[:, 0] = NEVER
        rows[:, 0] = NEVER
        for i in range(offsets[b], offsets[b + 1]):
            if x[i] >= len(columns) - 2 or y[i] >= len(rows) - 2:
                return i
            polarity = np.int64(p[i]) if same_polarity else np.int64(0)
            column, row, since = np.int64(x[i]), np.int64(y[i]), t[i] - filter_time
            mask[i] = _beside(columns, column, row, since, polarity) | _beside(
                rows, row, column, since, polarity
            )
            _remember(columns, column + 1, row, t[i], polarity)
            _remember(rows, row + 1, column, t[i], polarity)
    return -1


@kernel
def _beside(
    cells: np.ndarray, line: np.int64, place: np.int64, since: int, polarity: np.int64
) -> bool:
    """Say whether a line or one beside it remembers a neighbour, which is not the pixel itself."""
    found = False
    for step in range(3):
        distance = abs(cells[line + step, 1] - place)
        near = (distance <= 1) & ((step != 1) | (distance == 1))
        found |= near & (cells[line + step, 0] > since) & (cells[line + step, 2] == polarity)
    return found


@kernel
def _remember(
    cells: np.ndarray, line: np.int64, place: np.int64, t: int, polarity: np.int64
) -> None:
    cells[line, 0], cells[line, 1], cells[line, 2] = t, place, polarity
