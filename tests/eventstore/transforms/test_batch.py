import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.transforms.batch import EventBatch, check_on_sensor, off_sensor
from eventstore.transforms.conformance import sample_batch


@given(st.lists(st.integers(0, 6), max_size=6))
def test_keep_equals_masking_each_sample(sizes: list[int]) -> None:
    rng = np.random.default_rng(sum(sizes))
    samples = [
        Events.of(t=np.arange(n), x=rng.integers(0, 9, n), y=rng.integers(0, 9, n)) for n in sizes
    ]
    zeros = [0] * len(sizes)
    batch = EventBatch.of(samples, t_start=zeros, t_stop=[6] * len(sizes))
    mask = rng.random(sum(sizes)) < 0.5
    kept = batch.keep(mask)
    for i, events in enumerate(samples):
        assert kept.sample(i).equals(events[mask[batch.offsets[i] : batch.offsets[i + 1]]])


def test_no_samples() -> None:
    batch = EventBatch.of([], t_start=[], t_stop=[])
    assert len(batch) == 0
    assert len(batch.keep(np.zeros(0, np.bool_)).events) == 0


def test_rows_find_their_sample_past_empty_ones() -> None:
    events = Events.of(t=[1], x=[0])
    batch = EventBatch.of(
        [events, Events.empty(), events, Events.empty()], t_start=[0] * 4, t_stop=[2] * 4
    )
    assert [batch.sample_of(0), batch.sample_of(1)] == [0, 2]


def test_columns_that_disagree_are_refused() -> None:
    batch = sample_batch(Sensor(4, 4))
    with pytest.raises(InvalidInput, match=r"4 ids has 5 offsets, 3 starts"):
        EventBatch(batch.events, batch.offsets, batch.t_start[1:], batch.t_stop, batch.ids)
    with pytest.raises(InvalidInput, match="offsets end at row 341 of 340 events"):
        EventBatch(batch.events[1:], batch.offsets, batch.t_start, batch.t_stop, batch.ids)


def test_an_event_off_the_sensor_is_named() -> None:
    events = Events.of(t=[1, 2], x=[0, 50], y=[0, 3], p=[0, 1])
    batch = EventBatch.of([events], t_start=[0], t_stop=[3], ids=["a/1#0-3"])
    error = off_sensor(batch, 1, Sensor(34, 34))
    assert str(error) == (
        "event 1 of sample 'a/1#0-3' (t=2 µs, p=1) lies at x=50, y=3, off the sensor of 34×34 "
        "pixels\nhint: give the sensor the events were recorded with"
    )


def test_the_first_event_off_the_sensor_is_found() -> None:
    events = Events.of(t=[1, 2, 3], x=[33, 0, 34], y=[33, 34, 0])
    batch = EventBatch.of([events[:1], events[1:]], t_start=[0, 0], t_stop=[4, 4])
    check_on_sensor(batch, Sensor(35, 35))
    with pytest.raises(InvalidInput, match=r"event 0 of sample '1' .* x=0, y=34, off the sensor"):
        check_on_sensor(batch, Sensor(34, 34))
    check_on_sensor(EventBatch.of([], t_start=[], t_stop=[]), Sensor(1, 1))


def test_spans_are_laid_end_to_end() -> None:
    a, b = Events.of(t=[1, 2, 3], x=[4, 5, 6]), Events.of(t=[7, 8], x=[9, 9])
    windows = np.array([0, 0, 0])
    spans = [(b, 1, 2), (a, 0, 0), (a, 1, 3)]
    batch = EventBatch.of_spans(spans, t_start=windows, t_stop=windows + 9, ids=("p", "q", "r"))
    assert batch.offsets.tolist() == [0, 1, 1, 3]
    assert batch.events.t.tolist() == [8, 2, 3]
    assert batch.events.x.tolist() == [9, 5, 6]
    none = EventBatch.of_spans([], t_start=windows[:0], t_stop=windows[:0], ids=())
    assert len(none) == len(none.events) == 0
