"""The strategies draw what a store can hold, and reach its corners."""

from hypothesis import find, given
from hypothesis import strategies as st

from eventstore.events import Events, Sensor, back_steps
from eventstore.testing import events, sensors


@given(st.data())
def test_events_lie_on_their_sensor_in_order_of_time(data: st.DataObject) -> None:
    sensor = data.draw(sensors(9))
    table = data.draw(events(sensor, max_events=20))
    assert len(table) <= 20
    assert back_steps(table.t) == 0
    assert table.x.max(initial=0) < sensor.width
    assert table.y.max(initial=0) < sensor.height


@given(events(Sensor.audio(8)))
def test_audio_has_one_row_and_no_off_events(table: Events) -> None:
    assert not table.y.any()
    assert table.p.all()


def test_simultaneous_events_and_empty_tables_are_drawn() -> None:
    assert len(find(events(), lambda table: len(table) == 0)) == 0
    assert len(find(events(), lambda table: len(table) > 1 and table.t[0] == table.t[-1])) > 1
    assert len(find(events(sensors(3)), lambda table: len(table) > 2)) > 2
