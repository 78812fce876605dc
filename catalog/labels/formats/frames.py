"""Numbers of frames to µs and back: at a rate, or by a list of the frames' times."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from catalog.labels.formats.lines import text_lines, whole_us
from catalog.labels.formats.protocol import FormatOptions
from eventstore.errors import FormatError, InvalidInput


class FrameClock(Protocol):
    """Says when a frame is, and which frame a time is nearest to."""

    def time_us(self, frame: int) -> int:
        """Return when a frame begins.

        Raises:
            InvalidInput: there is no such frame.
        """

    def nearest(self, time_us: int) -> int:
        """Return the frame that begins nearest to a time; the end of the last one counts as one."""


@dataclass(frozen=True, slots=True)
class EvenClock:
    """Frames of one rate, the first at 0.

    Args:
        fps: frames per second.

    Examples:
        >>> clock = EvenClock(Fraction(30000, 1001))
        >>> clock.time_us(1), clock.nearest(33_367)
        (33367, 1)
    """

    fps: Fraction

    def time_us(self, frame: int) -> int:
        """Return when a frame begins, rounded to µs."""
        return round(frame * 10**6 / self.fps)

    def nearest(self, time_us: int) -> int:
        """Return the frame that begins nearest to a time."""
        return round(time_us * self.fps / 10**6)


@dataclass(frozen=True, slots=True)
class ListedClock:
    """Frames at listed times; the last is taken to last as long as the one before.

    Args:
        times: µs of each frame, rising; two at least.

    Raises:
        InvalidInput: fewer than two, or one not after the one before.

    Examples:
        >>> clock = ListedClock((0, 40, 90))
        >>> clock.time_us(3), clock.nearest(70)
        (140, 2)
    """

    times: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.times) < 2:
            message = f"{len(self.times)} frame times"
            raise InvalidInput(message, hint="give the µs of two frames at least, one a line")
        for number, (before, after) in enumerate(pairwise(self.times), start=1):
            if after <= before:
                message = f"frame {number} is at {after} µs, not after the one before at {before}"
                raise InvalidInput(message, hint="list the frames in the order of time")

    def time_us(self, frame: int) -> int:
        """Return when a frame begins."""
        if not 0 <= frame <= len(self.times):
            message = f"frame {frame} has no time: {len(self.times)} are listed"
            raise InvalidInput(message, hint="list the times of all frames, one a line")
        if frame == len(self.times):
            return 2 * self.times[-1] - self.times[-2]
        return self.times[frame]

    def nearest(self, time_us: int) -> int:
        """Return the frame that begins nearest to a time; the end of the last one counts as one."""
        at = bisect_left(self.times, time_us)
        around = range(max(at - 1, 0), min(at + 1, len(self.times)) + 1)
        return min(around, key=lambda frame: abs(self.time_us(frame) - time_us))


def frame_clock(options: FormatOptions) -> FrameClock:
    """Return the clock that options ask for.

    Raises:
        InvalidInput: they ask for none.
    """
    if options.frame_times is not None:
        return ListedClock(options.frame_times)
    if options.fps is None:
        message = "this format counts frames, and nothing says when they are"
        raise InvalidInput(message, hint="give --fps 30, or --frame-times FILE with µs, one a line")
    return EvenClock(options.fps)


def parse_frame_times(data: bytes, path: str) -> tuple[int, ...]:
    """Read a file with the µs of each frame, one a line.

    Raises:
        FormatError: a line is no time, or not after the one before.
    """
    lines = text_lines(data, path)
    times = tuple(
        whole_us(line.strip(), f"line {number}", "a frame", path=path)
        for number, line in enumerate(lines, start=1)
    )
    for number, (before, after) in enumerate(pairwise(times), start=2):
        if after <= before:
            message = f"line {number}: a frame at {after} µs is not after the one before"
            raise FormatError(message, path=path, expected=f"more than {before}", found=str(after))
    return times


def runs(frames: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first of each run of consecutive frames, and the first after it.

    Examples:
        >>> runs([3, 1, 2, 7])
        [(1, 4), (7, 8)]
    """
    found: list[tuple[int, int]] = []
    for frame in sorted(set(frames)):
        if found and found[-1][1] == frame:
            found[-1] = (found[-1][0], frame + 1)
        else:
            found.append((frame, frame + 1))
    return found
