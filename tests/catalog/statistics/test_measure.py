"""Measures of stored recordings, whatever blocks they are decoded in."""

from pathlib import Path

import numpy as np
import pytest

from catalog.statistics import measure
from catalog.statistics.measure import Statistics, measure_recordings, plateaus
from eventstore.append import StoreWriter
from eventstore.errors import IntegrityError
from eventstore.events import Events, Sensor
from eventstore.store import EventStore
from eventstore.testing import tiny_store


def store_of(path: Path, *recordings: Events, sensor: Sensor | None = None) -> EventStore:
    with StoreWriter.create(path, sensor or Sensor(8, 6)) as writer:
        for number, events in enumerate(recordings):
            writer.append(f"r{number}", [events])
    return EventStore.open(path)


def measured(store: EventStore) -> list[Statistics]:
    with store:
        return list(measure_recordings(store, range(store.n_recordings)))


def test_blocks_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measured(tiny_store(tmp_path / "events.zarr"))
    monkeypatch.setattr(measure, "BLOCK_EVENTS", 7)
    assert measured(EventStore.open(tmp_path / "events.zarr")) == whole


def test_any_rows_in_any_order(tmp_path: Path) -> None:
    with tiny_store(tmp_path / "events.zarr") as store:
        told: list[tuple[int, int, int]] = []
        some = list(measure_recordings(store, [5, 2], lambda *done: told.append(done)))
        alone = [next(measure_recordings(store, [row])) for row in (5, 2)]
    assert some == alone
    sizes = [found.n_events for found in some]
    assert told == [(1, 2, sizes[0]), (2, 2, sum(sizes))]


def test_a_hot_pixel_is_found_with_its_share(tmp_path: Path) -> None:
    t = np.arange(0, 1_000_000, 1000)
    busy = Events.of(t=t, x=np.full(1000, 3), y=np.full(1000, 2))  # 1 kHz
    calm = Events.of(t=t[::10], x=np.arange(100) % 3, y=np.zeros(100, int))  # 33 Hz a pixel
    both = Events.concatenate([busy, calm])
    order = np.argsort(both.t, kind="stable")
    [found] = measured(store_of(tmp_path / "a.zarr", both[order]))
    assert (found.hot_pixels, found.active_pixels) == (1, 4)
    assert found.hot_share == pytest.approx(1000 / 1100)
    assert found.hottest_rate_hz == pytest.approx(1001, rel=1e-3)
    assert found.silent_share == pytest.approx(44 / 48)


def test_a_burst_sets_the_peak_and_a_pause_the_gap(tmp_path: Path) -> None:
    t = np.concatenate(([0], np.full(50, 505_000), [999_999]))
    [found] = measured(store_of(tmp_path / "a.zarr", Events.of(t=t, x=t % 8)))
    assert found.peak_rate_hz == pytest.approx(5000)
    assert (found.gaps, found.longest_gap_us) == (2, 505_000)
    assert (found.equal_stamps, found.duplicates) == (49, 49)


def test_shorter_than_a_window_the_peak_is_the_mean(tmp_path: Path) -> None:
    [found] = measured(store_of(tmp_path / "a.zarr", Events.of(t=[0, 999], x=[0, 1])))
    assert found.peak_rate_hz == pytest.approx(2000)


def test_an_empty_recording_has_measures_too(tmp_path: Path) -> None:
    [found, _] = measured(store_of(tmp_path / "a.zarr", Events.empty(), Events.of(t=[0], x=[0])))
    assert (found.n_events, found.peak_rate_hz, found.silent_share) == (0, 0, 1)


def test_a_store_without_events_is_measured(tmp_path: Path) -> None:
    [found] = measured(store_of(tmp_path / "a.zarr", Events.empty()))
    assert found.n_events == 0


def test_of_audio_the_channels_count(tmp_path: Path) -> None:
    events = Events.of(t=[0, 5, 9], x=[2, 2, 7])
    [found] = measured(store_of(tmp_path / "a.zarr", events, sensor=Sensor(64, 1, "audio")))
    assert found.active_pixels == 2
    assert found.silent_share == pytest.approx(62 / 64)


@pytest.mark.parametrize(
    ("counts", "episodes"),
    [
        ([1, 1, 1, 9, 9, 9, 1, 1], 1),
        ([1, 1, 1, 9, 9, 1, 1, 1], 0),  # two windows are a burst
        ([9] * 20, 0),  # steady
        ([1] * 9 + [9, 9, 9, 1, 9, 9, 9], 2),
        ([], 0),
    ],
)
def test_a_rate_that_hits_a_limit_is_an_episode(counts: list[int], episodes: int) -> None:
    index = np.arange(len(counts), dtype=np.int64)
    assert plateaus(index, np.array(counts, np.int64)) == episodes


def test_windows_apart_are_no_run() -> None:
    index = np.array([0, 1, 2, 3, 4, 10, 20, 30], np.int64)
    assert plateaus(index, np.array([1, 1, 1, 1, 1, 9, 9, 9], np.int64)) == 0


def test_an_event_off_its_sensor_is_no_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path / "a.zarr", Events.of(t=[0], x=[7]))
    monkeypatch.setattr(type(store.recordings), "sensor", lambda *_: Sensor(4, 6))
    with pytest.raises(IntegrityError, match="'r0' has an event off its sensor"):
        measured(store)
