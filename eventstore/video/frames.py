"""Pictures of counts, made as packets of events pass: memory does not grow with the recording.

A picture has one byte a pixel, ON events in the high four bits and OFF in the low. Picture k
gathers ``start + k·step ≤ t < start + k·step + open``; those that may still grow are held.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from jaxtyping import Int64, UInt8

from eventstore.events import Events
from eventstore.frame_kernels import add_frames

AT_ONCE = 16
"""Pictures made in one go beside those that overlap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramePlan:
    """When pictures begin and end, and how large they are.

    Args:
        start_us: begin of the first.
        stop_us: pictures begin before it; the last event ends them where None.
        step_us: from the begin of one to that of the next.
        open_us: how long each gathers events.
        size: width and height.
        shrink: pixels of the sensor, across and down, that fall into one.
    """

    start_us: int
    stop_us: int | None
    step_us: Fraction
    open_us: Fraction
    size: tuple[int, int]
    shrink: int = 1

    def begins(self, first: int, last: int) -> Int64[np.ndarray, " n"]:
        """Return the begin of pictures ``first … last - 1``, in whole µs.

        Examples:
            >>> third = Fraction(100, 3)
            >>> plan = FramePlan(
            ...     start_us=5, stop_us=None, step_us=third, open_us=third, size=(1, 1)
            ... )
            >>> plan.begins(0, 4).tolist()
            [5, 39, 72, 105]
        """
        numbers = range(first, last)
        return np.array([self.start_us + ceil(k * self.step_us) for k in numbers], np.int64)

    @property
    def n_frames(self) -> int | None:
        """Number of pictures; None where the last event ends them."""
        return None if self.stop_us is None else self.n_before(self.stop_us)

    def n_before(self, stop_us: int) -> int:
        """Return the number of pictures that begin before a time, parts of a µs counted.

        Examples:
            >>> third = Fraction(100, 3)
            >>> plan = FramePlan(
            ...     start_us=5, stop_us=None, step_us=third, open_us=third, size=(1, 1)
            ... )
            >>> plan.n_before(38), plan.n_before(39)
            (1, 2)
        """
        return max(0, ceil((stop_us - self.start_us) / self.step_us))


def count_frames(packets: Iterable[Events], plan: FramePlan) -> Iterator[UInt8[np.ndarray, "h w"]]:
    """Yield the pictures, each once all its events have passed; the array is the caller's.

    Events that run back in time are shown with the event before them.

    Args:
        packets: the events, times on the clock of the plan.
        plan: when pictures begin and end.

    Examples:
        >>> plan = FramePlan(
        ...     start_us=0, stop_us=None, step_us=Fraction(5), open_us=Fraction(5), size=(2, 1)
        ... )
        >>> events = Events.of(t=[0, 4, 5, 12], x=[0, 0, 1, 1], p=[1, 1, 0, 0])
        >>> [frame.tolist() for frame in count_frames([events], plan)]
        [[[32, 0]], [[0, 1]], [[0, 1]]]
    """
    gathering = _Gathering(plan)
    for packet in packets:
        if len(packet):
            yield from gathering.add(packet)
        if gathering.is_over:
            return
    yield from gathering.rest()


class _Gathering:
    """The pictures that are open, and the number of the first of them."""

    def __init__(self, plan: FramePlan) -> None:
        width, height = plan.size
        self._plan = plan
        self._depth = ceil(plan.open_us / plan.step_us) + AT_ONCE
        self._frames = np.zeros((self._depth, height, width), np.uint8)
        self._first = 0
        self._latest = plan.start_us - 1

    @property
    def is_over(self) -> bool:
        n = self._plan.n_frames
        return n is not None and self._first >= n

    def add(self, packet: Events) -> Iterator[UInt8[np.ndarray, "h w"]]:
        """Count a packet and yield the pictures that it ends."""
        t = np.maximum(np.maximum.accumulate(packet.t), self._latest)
        self._latest = int(t[-1])
        x, y = packet.x, packet.y
        if self._plan.shrink > 1:
            x, y = x // np.uint16(self._plan.shrink), y // np.uint16(self._plan.shrink)
        counted, open_us = self._first, ceil(self._plan.open_us)
        while True:
            end = self._first + self._depth
            begins = self._plan.begins(counted, end)
            rows = np.searchsorted(t, begins), np.searchsorted(t, begins + open_us)
            add_frames((x, y, packet.p), *rows, self._frames[counted - self._first :])
            counted = end
            ended = self._plan.begins(self._first, end) + open_us <= self._latest
            yield from self._take(int(np.count_nonzero(ended)))
            if self.is_over or int(self._plan.begins(end, end + 1)[0]) > self._latest:
                return

    def rest(self) -> Iterator[UInt8[np.ndarray, "h w"]]:
        """Yield the pictures still open: up to the last event, or the end of the plan."""
        n = self._plan.n_frames
        n = self._plan.n_before(self._latest + 1) if n is None else n
        while self._first < n:
            yield from self._take(min(n - self._first, self._depth))

    def _take(self, n: int) -> Iterator[UInt8[np.ndarray, "h w"]]:
        n_frames = self._plan.n_frames
        given = n if n_frames is None else max(0, min(n, n_frames - self._first))
        taken = self._frames[:n].copy()
        self._frames[: self._depth - n] = self._frames[n:]
        self._frames[self._depth - n :] = 0
        self._first += n
        yield from taken[:given]
