"""All checks together: sorted, placed, and without the events where these are elsewhere."""

import numpy as np
import pytest

from catalog.curation.check import check_curation
from catalog.curation.limits import Limits
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor
from eventstore.store import EventStore


def gap_and_hot_pixel(dataset: Dataset) -> None:
    """One recording, silent from 0.2 to 0.9 s, with a pixel at 1 kHz before."""
    t = np.concatenate([np.arange(0, 200_000, 1_000), np.arange(900_000, 1_000_000, 1_000)])
    events = Events.of(t=t, x=np.full(len(t), 5), y=np.full(len(t), 4), p=np.arange(len(t)) % 2)
    with StoreWriter.create(dataset.root / "events.zarr", Sensor(8, 6)) as writer:
        writer.append("walk", [events])
    describe_intake(WorkTree(dataset.root), Intake([], {}, {}))


def test_findings_say_at_which_microseconds_and_which_pixels(empty: Dataset) -> None:
    gap_and_hot_pixel(empty)
    limits = Limits(max_hot_share=0.1, min_events=1)
    told: list[tuple[int, int, int]] = []
    progress = lambda *done: told.append(done)  # noqa: E731
    found = {f.check: f for f in check_curation(empty.draft(), limits, progress=progress)}
    assert found["gap"].where == "walk#199000-900000"
    assert "no event for 0.701 s" in found["gap"].message
    assert found["gap"].fix.startswith("spikelake edit trim DATASET 'walk'")
    assert "--pixels 5,4" not in found["gap"].fix
    assert told == [(1, 1, 300)]


def test_hot_pixels_are_named_in_the_remedy(empty: Dataset) -> None:
    t = np.arange(0, 1_000_000, 1_000)
    events = Events.of(t=t, x=np.full(1_000, 5), y=np.full(1_000, 4), p=np.arange(1_000) % 2)
    with StoreWriter.create(empty.root / "events.zarr", Sensor(8, 6)) as writer:
        writer.append("walk", [events])
    describe_intake(WorkTree(empty.root), Intake([], {}, {}))
    found = {f.check: f for f in check_curation(empty.draft())}
    assert found["hot-pixels"].fix == "spikelake edit mask DATASET 'walk' --pixels '5,4' --reason …"


def test_the_worst_comes_first(empty: Dataset) -> None:
    gap_and_hot_pixel(empty)
    severities = [f.severity for f in check_curation(empty.draft())]
    assert severities == sorted(severities, reverse=True)


def test_without_the_events_recordings_are_named_whole(
    empty: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap_and_hot_pixel(empty)

    def refuse(*_: object) -> Events:
        from eventstore.errors import MissingContent

        message = "gone"
        raise MissingContent(message)

    monkeypatch.setattr(EventStore, "read", refuse)
    found = {f.check: f for f in check_curation(empty.draft())}
    assert found["gap"].where == "walk"


def test_recordings_never_measured_are_told(animals: Dataset) -> None:
    (animals.root / "statistics.tsv").unlink()
    found = {f.check: f for f in check_curation(animals.draft())}
    assert found["statistics"].message == "15 of 15 recordings were never measured"
