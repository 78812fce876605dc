"""drop-outside: events off the sensor are left out, all others stay as they are."""

from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor
from eventstore.repairs.outside import REPAIR
from eventstore.repairs.protocol import RepairReport, Subject


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_only_those_inside_are_left(places: list[tuple[int, int]]) -> None:
    events = Events.of(t=range(len(places)), x=[x for x, _ in places], y=[y for _, y in places])
    report = RepairReport(name=REPAIR.name)
    subject = Subject(name="a", sensor=Sensor(8, 6))
    (done,) = REPAIR.apply(iter([events]), subject, report)
    inside = [i for i, (x, y) in enumerate(places) if x < 8 and y < 6]
    assert done.t.tolist() == inside
    assert report.dropped == len(places) - len(inside)
