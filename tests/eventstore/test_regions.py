"""A region of a time slice is what a mask over the slice gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore import store as module
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.regions import Box
from eventstore.store import EventStore

SPANS = st.none() | st.tuples(st.integers(-3, 36), st.integers(-3, 36)).map(
    lambda ends: (min(ends), max(ends))
)


SLICES = st.tuples(st.integers(0, 11), st.integers(-3, 360), st.integers(0, 360))


@pytest.mark.parametrize("together", [1, 7, 10_000])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=SLICES, box=st.tuples(SPANS, SPANS))
def test_any_region_equals_a_mask(
    sample_store: Path,
    monkeypatch: pytest.MonkeyPatch,
    together: int,
    *,
    asked: tuple[int, int, int],
    box: tuple[tuple[int, int] | None, tuple[int, int] | None],
) -> None:
    monkeypatch.setattr(module, "FETCH_ROWS", together)
    store, (row, start, duration) = EventStore.open(sample_store), asked
    events = store.read(row)
    inside = (start <= events.t) & (events.t < start + duration)
    for column, span in zip((events.x, events.y), box, strict=True):
        if span is not None:
            inside &= (span[0] <= column) & (column < span[1])
    found = store.read_region(row, start, start + duration, x=box[0], y=box[1])
    assert found.equals(events[inside])


def test_audio_has_channels(tmp_path: Path) -> None:
    events = Events.of(t=[1, 2, 3], x=[0, 63, 5])
    with StoreWriter.create(tmp_path / "a.zarr", Sensor.audio(64)) as writer:
        writer.append("tone", [events])
    found = EventStore.open(tmp_path / "a.zarr").read_region("tone", 0, 9, x=(1, 64))
    assert found.equals(events[1:])


def test_columns_are_decoded_only_where_something_is_inside(
    sample_store: Path, counted_files: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EventStore.open(counted_files(sample_store))
    decoded: list[int] = []
    times = store.column("p")
    decode = times.decode_into

    def counting(k: int, out: np.ndarray, data: memoryview | None = None) -> None:
        decoded.append(k)
        decode(k, out, data)

    monkeypatch.setattr(times, "decode_into", counting)
    assert len(store.read_region("r11", 0, 400, x=(34, 99))) == 0
    assert decoded == []
    assert len(store.read_region("r11", 0, 400, x=(0, 34))) == 87
    assert decoded


def test_a_region_that_ends_before_it_starts_is_refused(sample_store: Path) -> None:
    with pytest.raises(InvalidInput, match="y from 9 to 3 ends before it starts"):
        EventStore.open(sample_store).read_region("r1", 0, 9, y=(9, 3))
    assert Box.of(None, (3, 9)) == Box(0, 65_536, 3, 9)
