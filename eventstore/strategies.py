"""Hypothesis strategies for sensors and event tables; importing this needs hypothesis."""

import numpy as np
from hypothesis import strategies as st

from eventstore.events import Events, Sensor


def sensors(max_size: int = 64) -> st.SearchStrategy[Sensor]:
    """Draw vision sensors of up to ``max_size`` columns and rows.

    Examples:
        >>> sensors(4).filter(lambda sensor: sensor.width <= 4) is not None
        True
    """
    size = st.integers(1, max_size)
    return st.builds(Sensor, size, size)


@st.composite
def events(
    draw: st.DrawFn,
    sensor: Sensor | st.SearchStrategy[Sensor] = Sensor(34, 34),  # noqa: B008 an immutable value
    *,
    max_events: int = 60,
    max_gap_us: int = 3_000,
) -> Events:
    """Draw tables of events on a sensor, in order of time, with many at the same time.

    Args:
        draw: given by hypothesis.
        sensor: the sensor, or a strategy for it.
        max_events: most events in a table.
        max_gap_us: longest time between two events.

    Examples:
        >>> events(Sensor(4, 4), max_events=3) is not None
        True
    """
    on = sensor if isinstance(sensor, Sensor) else draw(sensor)
    gap = st.one_of(st.just(0), st.integers(0, max_gap_us))
    low = 2 - on.polarities
    rows = draw(
        st.lists(
            st.tuples(
                gap,
                st.integers(0, on.width - 1),
                st.integers(0, on.height - 1),
                st.integers(low, 1),
            ),
            max_size=max_events,
        )
    )
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Events.of(t=np.cumsum(table[:, 0]), x=table[:, 1], y=table[:, 2], p=table[:, 3])
