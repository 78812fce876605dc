"""The running sum over columns agrees with that over the whole table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eventstore.columns_sum
from eventstore.columns_sum import ColumnsSum
from eventstore.digest import columns_sha256
from eventstore.events import Events
from eventstore.strategies import events as tables


@given(events=tables(), size=st.integers(1, 9))
def test_packets_make_no_difference(events: Events, size: int) -> None:
    with ColumnsSum() as columns:
        for at in range(0, len(events), size):
            columns.update(events[at : at + size])
            assert columns.hexdigest() == columns_sha256(events[: at + size])
        assert columns.hexdigest() == columns_sha256(events)


def test_long_columns_wait_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventstore.columns_sum, "SPOOL_BYTES", 100)
    events = Events.empty(1000)
    events.t[:] = range(1000)
    events.x[:] = range(1000)
    with ColumnsSum() as columns:
        for at in range(0, 1000, 10):
            columns.update(events[at : at + 10])
        assert all(getattr(w, "_rolled", False) for w in columns._waiting)
        assert columns.hexdigest() == columns_sha256(events)
    assert all(waiting.closed for waiting in columns._waiting)


def test_views_with_steps_are_summed_as_they_read() -> None:
    events = Events.empty(10)
    events.t[:] = range(10)
    with ColumnsSum() as columns:
        columns.update(events[::2])
        assert columns.hexdigest() == columns_sha256(events[::2])
