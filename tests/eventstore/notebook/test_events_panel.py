"""What a table of events shows."""

import time

import numpy as np

from eventstore.events import Events


def test_a_table_tells_its_times_rate_extent_and_share() -> None:
    events = Events.of(t=[1_000, 2_000_999], x=[3, 9], y=[4, 1], p=[1, 0])
    page = events._repr_html_()
    for said in ("1,000 … 2,000,999 µs", "2 s", "1 ev/s", "x 3 … 9, y 1 … 4", "50.0 %", "<img"):
        assert said in page, said
    empty = Events.empty()._repr_html_()
    assert "<img" not in empty
    assert "cannot be read" not in empty


def test_a_large_table_is_looked_at_in_part() -> None:
    n = 20_000_000
    column = np.zeros(n, np.uint16)
    events = Events(np.arange(n), column, column, np.ones(n, np.uint8))
    events._repr_html_()  # loads what draws
    started = time.process_time()
    page = events._repr_html_()
    assert time.process_time() - started < 0.5
    assert "about 100.0 %" in page
