"""drop-duplicates against a set of what was seen at the same time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor
from eventstore.repairs.duplicates import REPAIR, find_twins
from eventstore.repairs.protocol import RepairReport, Subject

SUBJECT = Subject(name="a", sensor=Sensor(1 << 16, 1 << 16))

coordinates = st.sampled_from([0, 1, 2, 255, 65_535])
rows = st.tuples(st.integers(0, 3), coordinates, coordinates, st.integers(0, 1))


def expected(table: list[tuple[int, int, int, int]]) -> list[bool]:
    twins, seen, time = [], set[tuple[int, int, int, int]](), None
    for row in table:
        if row[0] != time:
            seen, time = set(), row[0]
        twins.append(row in seen)
        seen.add(row)
    return twins


def table_of(table: list[tuple[int, int, int, int]]) -> Events:
    t, x, y, p = zip(*table, strict=True) if table else ((), (), (), ())
    return Events.of(t=list(t), x=list(x), y=list(y), p=list(p))


@given(st.lists(rows, max_size=60))
def test_twins_are_those_seen_at_the_same_time(table: list[tuple[int, int, int, int]]) -> None:
    assert find_twins(table_of(table)).tolist() == expected(table)


@given(st.lists(rows, max_size=60), st.integers(1, 9))
def test_one_of_each_is_kept_across_packets(
    table: list[tuple[int, int, int, int]], size: int
) -> None:
    events, report = table_of(table), RepairReport(name="drop-duplicates")
    packets = (events[at : at + size] for at in range(0, len(events), size))
    done = Events.concatenate(list(REPAIR.apply(packets, SUBJECT, report)))
    twins = expected(table)
    assert done.equals(events[~np.array(twins, bool)])
    assert report.dropped == sum(twins)
    assert report.first == (twins.index(True) if any(twins) else None)


def test_many_events_of_one_time() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 200, 50_000), rng.integers(0, 200, 50_000)
    events = Events.of(t=np.full(50_000, 7), x=x, y=y)
    assert np.count_nonzero(~find_twins(events)) == len(
        set(zip(x.tolist(), y.tolist(), strict=True))
    )
