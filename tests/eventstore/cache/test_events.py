"""Events before random transforms come back as they were, with windows and ids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.cache.events import decode_events, encode_events, gather_events
from eventstore.cache.sealed import padded
from eventstore.errors import IntegrityError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.strategies import events
from eventstore.transforms.batch import EventBatch


def kept(batch: EventBatch) -> np.ndarray:
    parts = encode_events(batch)
    return np.frombuffer(b"".join(part.ljust(padded(len(part)), b"\0") for part in parts), np.uint8)


def batch_of(samples: list[Events], first: int = 0) -> EventBatch:
    starts = [first + 5 * i for i in range(len(samples))]
    stops = [start + 1_000_000 for start in starts]
    ids = [f"s{first + i}" for i in range(len(samples))]
    return EventBatch.of(samples, t_start=starts, t_stop=stops, ids=ids)


@given(st.lists(events(Sensor(300, 200)), max_size=5))
def test_come_back(samples: list[Events]) -> None:
    batch = batch_of(samples)
    again = decode_events(kept(batch), batch.ids)
    assert again.events.equals(batch.events)
    assert again.ids == batch.ids
    for name in ("offsets", "t_start", "t_stop"):
        assert np.array_equal(getattr(again, name), getattr(batch, name))


def test_times_that_run_back_come_back() -> None:
    batch = batch_of([Events.of(t=[9, 3, -(1 << 40)], x=[65_535, 0, 3])])
    assert decode_events(kept(batch), batch.ids).events.t.tolist() == [9, 3, -(1 << 40)]


@given(st.lists(events(Sensor(8, 6)), min_size=3, max_size=3), st.permutations([0, 1, 2]))
def test_gathered_from_several_blocks(samples: list[Events], order: list[int]) -> None:
    blocks = [batch_of(samples[:2]), batch_of(samples[2:], first=2)]
    gathered = gather_events([(blocks[i // 2], i % 2) for i in order])
    whole = batch_of(samples)
    for k, i in enumerate(order):
        at = (0, i) if i < 2 else (1, 0)
        assert gathered.sample(k).equals(samples[i])
        assert gathered.ids[k] == f"s{i}" == blocks[at[0]].ids[at[1]]
        assert gathered.t_stop[k] == blocks[at[0]].t_stop[at[1]]
    assert len(gathered.events) == len(whole.events)
    assert len(gather_events([])) == 0


def test_a_polarity_that_is_none_is_refused() -> None:
    table = Events.empty(2)
    table.p[1] = 2
    with pytest.raises(InvalidInput, match="polarity 2"):
        encode_events(batch_of([table]))


def test_cut_content_is_damage() -> None:
    batch = batch_of([Events.of(t=[1, 2], x=[1, 2])])
    data = kept(batch)
    for size in (0, 50, 80):
        with pytest.raises(IntegrityError):
            decode_events(data[:size], batch.ids)
    with pytest.raises(IntegrityError):
        decode_events(data, ("a", "b", "c"))
