import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.loader.merging import count, merge
from eventstore.transforms import EventBatch

Row = tuple[int, int, int, int]


def batch_of(times: list[list[int]], starts: list[int]) -> EventBatch:
    """Return samples of such times, each event with coordinates of its own."""
    n = iter(range(10_000))
    samples = []
    for sample in times:
        rows = [next(n) for _ in sample]
        samples.append(Events.of(t=sorted(sample), x=rows, y=rows, p=[row % 2 for row in rows]))
    return EventBatch.of(samples, t_start=starts, t_stop=[100] * len(times))


def merged(batch: EventBatch, leaves: np.ndarray, enters: np.ndarray, lead: int) -> list[Row]:
    counts = count((leaves, enters), batch.offsets)
    out = Events.blank(int(counts[:2, lead:].sum()))
    samples = (batch.offsets, batch.t_start)
    merge((leaves, enters), samples, batch.events.arrays(), out.arrays(), counts[:, lead:])
    return list(zip(*(column.tolist() for column in out), strict=True))


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=12), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    st.integers(0, 99),
    st.sampled_from([0, 1]),
)
def test_wanted_events_come_in_the_order_of_time(
    times: list[list[int]], share: float, seed: int, lead: int
) -> None:
    rng = np.random.default_rng(seed)
    batch = batch_of(times, rng.integers(0, 50, len(times)).tolist())
    leaves, enters = rng.random((2, len(batch.events))) < share
    leaves[: batch.offsets[1]] = False
    lead = min(lead, len(times) - 1)
    rows = list(zip(*(column.tolist() for column in batch.events), strict=True))
    start, first = batch.offsets.tolist(), batch.t_start.tolist()
    expected: list[Row] = []
    for b in range(lead, len(times)):
        own = [rows[i] for i in range(start[b], start[b + 1]) if not leaves[i]]
        other = [rows[i] for i in range(start[b - 1], start[b]) if b and enters[i]]
        moved = [(t + first[b] - first[b - 1], x, y, p) for t, x, y, p in other]
        expected += sorted(own + moved, key=lambda row: row[0])  # stable: what stays first
    assert merged(batch, leaves, enters, lead) == expected


def test_what_stays_comes_before_what_comes_at_the_same_time() -> None:
    batch = batch_of([[5, 5], [5, 5]], [0, 0])
    leaves, enters = np.array([False] * 4), np.array([True, True, False, False])
    assert [x for _, x, _, _ in merged(batch, leaves, enters, 1)] == [2, 3, 0, 1]


def test_counts_are_of_what_stays_what_comes_and_what_was_there() -> None:
    batch = batch_of([[1, 2, 3], [], [4, 5]], [0, 0, 0])
    leaves = np.array([False, False, False, True, False])
    enters = np.array([True, True, False, False, False])
    counts = count((leaves, enters), batch.offsets)
    assert counts.tolist() == [[3, 0, 1], [0, 2, 0], [3, 0, 2]]
