"""sort: equal to a stable sort of the whole, in memory and through the temporary file."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import EVENT_BYTES, Events, Sensor
from eventstore.repairs.protocol import RepairReport, Subject
from eventstore.repairs.sorting import Sort, merge_runs

SUBJECT = Subject(name="a", sensor=Sensor(1 << 16, 8))


def numbered(t: list[int]) -> Events:
    """Return events at these times, told apart by their column."""
    return Events.of(t=t, x=np.arange(len(t)))


def stable(events: Events) -> Events:
    return events[np.argsort(events.t, kind="stable")]


@given(
    t=st.lists(st.integers(0, 12), max_size=60),
    run_events=st.integers(1, 20),
    size=st.integers(1, 9),
)
def test_runs_make_no_difference(t: list[int], run_events: int, size: int) -> None:
    events, report = numbered(t), RepairReport(name="sort")
    packets = (events[at : at + size] for at in range(0, len(t), size))
    done = Sort(run_events=run_events).apply(packets, SUBJECT, report)
    assert Events.concatenate(list(done)).equals(stable(events))
    late = [any(other > t[i] for other in t[:i]) for i in range(len(t))]
    assert report.changed == sum(late)
    assert report.first == (late.index(True) if any(late) else None)


@given(
    runs=st.lists(st.lists(st.integers(0, 12), max_size=20).map(sorted), min_size=1, max_size=6),
    packet=st.integers(1, 9),
)
def test_merged_runs_are_sorted_in_small_packets(runs: list[list[int]], packet: int) -> None:
    tables, first = [], 0
    for run in runs:
        tables.append(Events.of(t=run, x=np.arange(first, first + len(run))))
        first += len(run)
    packets = list(merge_runs(tables, packet))
    assert Events.concatenate(packets).equals(stable(Events.concatenate(tables)))
    assert all(0 < len(p) <= max(packet, len(runs)) for p in packets)


def test_memory_does_not_grow_with_the_recording() -> None:
    tracemalloc = pytest.importorskip("tracemalloc")

    def packets(n: int) -> Iterator[Events]:
        rng = np.random.default_rng(0)
        for k in range(n):
            yield Events.of(t=rng.integers(0, 1 << 40, 4096), x=np.full(4096, k))

    def peak(n: int) -> int:
        tracemalloc.start()
        total = sum(
            map(
                len,
                Sort(run_events=1 << 14, packet_events=1 << 14).apply(
                    packets(n), SUBJECT, RepairReport(name="sort")
                ),
            )
        )
        assert total == n * 4096
        most: int = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(8)  # compiles what is not compiled yet
    small, large = peak(32), peak(128)
    assert large - small < 40 * 4096 * EVENT_BYTES  # the 96 further packets would be 96 of these
