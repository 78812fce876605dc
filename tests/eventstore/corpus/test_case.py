"""Events drawn for the corpus."""

import numpy as np

from eventstore.corpus.case import draw_events, rows_of, table_of
from eventstore.events import Events, Sensor


def test_drawn_events_ascend_and_some_share_a_microsecond() -> None:
    events = draw_events(np.random.default_rng(1), 500, Sensor(7, 5), t_start=40)
    gaps = np.diff(events.t)
    assert events.t[0] == 40
    assert (gaps >= 0).all()
    assert 0.2 < (gaps == 0).mean() < 0.5
    assert events.x.max() == 6
    assert events.y.max() == 4


def test_rows_and_tables_are_each_others_inverse() -> None:
    events = draw_events(np.random.default_rng(1), 20, Sensor(7, 5))
    assert table_of(rows_of(events)).equals(events)
    assert table_of([]).equals(Events.empty())
