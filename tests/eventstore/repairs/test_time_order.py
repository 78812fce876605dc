"""hold-time and drop-backward against their definitions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor
from eventstore.repairs.protocol import RepairReport, Subject
from eventstore.repairs.time_order import DROP_BACKWARD, HOLD_TIME, LONG_AGO, late_events

SUBJECT = Subject(name="a", sensor=Sensor(8, 8))

times = st.lists(st.integers(-(1 << 62), 1 << 62) | st.integers(0, 9), max_size=30)


@given(times)
def test_late_events_are_those_below_the_largest_before(t: list[int]) -> None:
    late, latest = late_events(np.array(t, np.int64), LONG_AGO)
    assert late.tolist() == [any(other > t[i] for other in t[:i]) for i in range(len(t))]
    assert latest == max(t, default=LONG_AGO)


@given(times)
def test_held_times_are_the_running_maximum(t: list[int]) -> None:
    report = RepairReport(name="hold-time")
    events = Events.of(t=t, x=np.arange(len(t)) % 8)
    (done,) = HOLD_TIME.apply(iter([events]), SUBJECT, report)
    assert done.t.tolist() == np.maximum.accumulate(np.array(t, np.int64)).tolist()
    assert report.changed == np.count_nonzero(done.t != events.t)
    assert done.x.tolist() == events.x.tolist()


@given(times)
def test_what_is_left_after_dropping_runs_forward(t: list[int]) -> None:
    report = RepairReport(name="drop-backward")
    (done,) = DROP_BACKWARD.apply(iter([Events.of(t=t, x=[0] * len(t))]), SUBJECT, report)
    assert not (done.t[1:] < done.t[:-1]).any()
    assert len(done) + report.dropped == len(t)
    assert len(t) == 0 or done.t[-1] == max(t)


def test_a_whole_packet_may_be_late() -> None:
    packets = [Events.of(t=[9], x=[0]), Events.of(t=[3, 4], x=[1, 2]), Events.of(t=[10], x=[3])]
    report = RepairReport(name="drop-backward")
    done = Events.concatenate(list(DROP_BACKWARD.apply(iter(packets), SUBJECT, report)))
    assert (done.t.tolist(), report.dropped, report.first) == ([9, 10], 2, 1)
