"""A batch of samples laid end to end: what flows from one transform to the next.

Kernels loop over the samples themselves, so that one call serves a whole batch, without Python a
sample.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.jit import kernel


@dataclass(frozen=True, slots=True, eq=False)
class EventBatch:
    """Events of several samples end to end, with each sample's rows, window and id.

    Args:
        events: the events of all samples, one sample after the other.
        offsets: first row of each sample, and the end of the last: sample ``i`` is the rows
            ``offsets[i]:offsets[i + 1]``.
        t_start: first µs of each sample's window.
        t_stop: first µs after each sample's window; no event lies outside ``[t_start, t_stop)``.
        ids: id of each sample; names it in messages and seeds its random transforms.

    Raises:
        InvalidInput: the columns do not describe the same samples.

    Examples:
        >>> e = Events.of(t=[5, 9], x=[1, 2], y=[0, 0], p=[1, 0])
        >>> batch = EventBatch.of([e, e[:1]], t_start=[0, 0], t_stop=[10, 10])
        >>> len(batch), batch.offsets.tolist(), len(batch.sample(1))
        (2, [0, 2, 3], 1)
    """

    events: Events
    offsets: Int64[np.ndarray, " bounds"]
    t_start: Int64[np.ndarray, " b"]
    t_stop: Int64[np.ndarray, " b"]
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.ids)
        if not len(self.t_start) == len(self.t_stop) == len(self.offsets) - 1 == n:
            message = (
                f"a batch of {n} ids has {len(self.offsets)} offsets, "
                f"{len(self.t_start)} starts and {len(self.t_stop)} stops"
            )
            raise InvalidInput(message, hint="build batches with EventBatch.of(...)")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.events):
            message = f"offsets end at row {self.offsets[-1]} of {len(self.events)} events"
            raise InvalidInput(message, hint="build batches with EventBatch.of(...)")

    @classmethod
    def of(
        cls,
        samples: Sequence[Events],
        *,
        t_start: Sequence[int] | np.ndarray,
        t_stop: Sequence[int] | np.ndarray,
        ids: Sequence[str] = (),
    ) -> "EventBatch":
        """Lay samples end to end; ids default to their position."""
        offsets = np.zeros(len(samples) + 1, np.int64)
        np.cumsum([len(events) for events in samples], out=offsets[1:])
        return cls(
            Events.concatenate(samples),
            offsets,
            np.asarray(t_start, np.int64),
            np.asarray(t_stop, np.int64),
            tuple(ids) or tuple(str(i) for i in range(len(samples))),
        )

    @classmethod
    def of_spans(
        cls,
        spans: Sequence[tuple[Events, int, int]],
        *,
        t_start: Int64[np.ndarray, " b"],
        t_stop: Int64[np.ndarray, " b"],
        ids: tuple[str, ...],
        blank: Callable[[int], Events] = Events.blank,
    ) -> "EventBatch":
        """Lay samples end to end, each given as a table, its first row there and the one after.

        Args:
            spans: the samples.
            t_start: first µs of each sample's window.
            t_stop: first µs after it.
            ids: id of each.
            blank: gives the table to lay them into, of so many events.
        """
        offsets = np.zeros(len(spans) + 1, np.int64)
        np.cumsum([stop - start for _, start, stop in spans], out=offsets[1:])
        events = blank(int(offsets[-1]))
        columns = [its.arrays() for its, _, _ in spans]
        rows = [slice(start, stop) for _, start, stop in spans]
        for c, out in enumerate(events if spans else ()):
            parts = [its[c][part] for its, part in zip(columns, rows, strict=True)]
            np.concatenate(parts, out=out)
        return cls(events, offsets, t_start, t_stop, ids)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.ids)

    def sample(self, i: int) -> Events:
        """Return the events of one sample (views)."""
        return self.events[self.offsets[i] : self.offsets[i + 1]]

    def keep(self, mask: Bool[np.ndarray, " n"]) -> "EventBatch":
        """Return the batch without the events whose mask is False; windows stay."""
        size = int(np.count_nonzero(mask)) + 1  # one to spare: the kernel writes before it decides
        kept = Events.blank(size)
        offsets = np.zeros_like(self.offsets)
        _compact(mask, self.offsets, offsets, self.events.arrays(), kept.arrays())
        return EventBatch(kept[: size - 1], offsets, self.t_start, self.t_stop, self.ids)

    def with_events(self, events: Events) -> "EventBatch":
        """Return the batch with the same rows holding other events, such as moved ones."""
        return EventBatch(events, self.offsets, self.t_start, self.t_stop, self.ids)

    def with_windows(
        self, t_start: Int64[np.ndarray, " b"], t_stop: Int64[np.ndarray, " b"]
    ) -> "EventBatch":
        """Return the batch with other windows, which must still hold every event."""
        return EventBatch(self.events, self.offsets, t_start, t_stop, self.ids)

    def sample_of(self, row: int) -> int:
        """Return the sample that an event's row belongs to."""
        return int(np.searchsorted(self.offsets, row, side="right")) - 1


def off_sensor(batch: EventBatch, row: int, sensor: Sensor) -> InvalidInput:
    """Return the error for an event that lies off the sensor."""
    sample = batch.sample_of(row)
    t, x, y, p = (int(column[row]) for column in batch.events)
    message = (
        f"event {row - batch.offsets[sample]} of sample {batch.ids[sample]!r} (t={t} µs, p={p}) "
        f"lies at x={x}, y={y}, off the sensor of {sensor.width}×{sensor.height} pixels"
    )
    return InvalidInput(message, hint="give the sensor the events were recorded with")


def check_on_sensor(batch: EventBatch, sensor: Sensor) -> None:
    """Refuse events off the sensor, for transforms that would bring them back on it.

    Raises:
        InvalidInput: names the first of them.
    """
    _, x, y, _ = batch.events
    if x.max(initial=0) >= sensor.width or y.max(initial=0) >= sensor.height:
        row = int(np.argmax((x >= sensor.width) | (y >= sensor.height)))
        raise off_sensor(batch, row, sensor)


@kernel
def _compact(
    mask: np.ndarray,
    offsets: np.ndarray,
    new_offsets: np.ndarray,
    columns: tuple[np.ndarray, ...],
    kept: tuple[np.ndarray, ...],
) -> None:
    t, x, y, p = columns
    new_t, new_x, new_y, new_p = kept
    j = np.uint64(0)
    for b in range(len(offsets) - 1):
        for i in range(np.uint64(offsets[b]), np.uint64(offsets[b + 1])):
            # Written always, counted if kept: no branch to mispredict.
            new_t[j], new_x[j], new_y[j], new_p[j] = t[i], x[i], y[i], p[i]
            j += np.uint64(mask[i])
        new_offsets[b + 1] = j
