"""Even rate limiting: thin out bursts as the read-out of a camera does."""

import math
from dataclasses import dataclass

import numpy as np

from eventstore.events import Sensor
from eventstore.jit import kernel
from eventstore.transforms.bases import EventFilter, SameSensor
from eventstore.transforms.batch import EventBatch
from eventstore.transforms.protocol import Mask, set_integer, set_number


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRate(EventFilter, SameSensor):
    r"""Keep at most ``max_rate_hz`` events a second, dropping evenly within short windows.

    Windows of ``window_us`` tile the sample from its start. Window j may hold
    $m_j = \lfloor (j+1)\,r w \rfloor - \lfloor j\,r w \rfloor$ events for the rate r and the
    length w, so that budgets that are no whole numbers come out right on average. Of n > m events,
    event k is kept where $\lfloor (k+1)\,m/n \rfloor > \lfloor k\,m/n \rfloor$: m of them,
    evenly spread. The last window has a whole one's budget, however short it is. Nothing is random:
    event cameras limit their read-out in this way.

    Args:
        max_rate_hz: largest rate of events of the whole sensor.
        window_us: length of the windows.

    Examples:
        >>> from eventstore.events import Events
        >>> from eventstore.transforms.protocol import NO_SEEDS
        >>> e = Events.of(t=[0, 1, 2, 3, 4, 5, 1500], x=[0] * 7)
        >>> batch = EventBatch.of([e], t_start=[0], t_stop=[2000])
        >>> limit = LimitRate(max_rate_hz=3_000, window_us=1_000)
        >>> limit.apply(batch, Sensor(1, 1), NO_SEEDS).events.t.tolist()
        [1, 3, 5, 1500]
    """

    max_rate_hz: float
    window_us: int = 1_000

    def __post_init__(self) -> None:
        set_number(self, "max_rate_hz", minimum=0, maximum=1e12)
        set_integer(self, "window_us", minimum=1)

    def mask(self, batch: EventBatch, sensor: Sensor) -> Mask:
        """Say of each event whether it is within the budget of its window."""
        mask = np.empty(len(batch.events), np.bool_)
        budget = self.max_rate_hz * 1e-6 * self.window_us
        _limit(batch.events.t, (batch.offsets, batch.t_start), self.window_us, budget, mask)
        return mask


@kernel
def _limit(
    t: np.ndarray,
    samples: tuple[np.ndarray, np.ndarray],
    window: int,
    budget: float,
    mask: np.ndarray,
) -> None:
    offsets, t_start = samples
    for b in range(len(t_start)):
        i = offsets[b]
        while i < offsets[b + 1]:
            tile = (t[i] - t_start[b]) // window
            stop = i + 1
            while stop < offsets[b + 1] and (t[stop] - t_start[b]) // window == tile:
                stop += 1
            n = stop - i
            # In floats: the budget may be larger than any number of events.
            most = math.floor((tile + 1) * budget) - math.floor(tile * budget)
            m = np.int64(min(most, np.float64(n)))
            for k in range(n):
                mask[i + k] = (k + 1) * m // n > k * m // n
            i = stop
