"""Checks of recordings by their statistics, each with a recording that shows it."""

from collections.abc import Callable

import numpy as np
import pytest

from catalog.curation.limits import Limits
from catalog.curation.recordings import suspect_recordings
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.query.columns import RecordingColumns
from catalog.tree import WorkTree
from eventstore.append import StoreWriter
from eventstore.events import Events, Sensor

SECOND = 1_000_000


def sound(seed: int, n: int = 2_000, stop: int = SECOND) -> Events:
    """A recording that nothing is odd about."""
    rng = np.random.default_rng(seed)
    t = np.unique(rng.integers(0, stop, n))
    k = len(t)
    return Events.of(t=t, x=rng.integers(0, 8, k), y=rng.integers(0, 6, k), p=np.arange(k) % 2)


def few() -> Events:
    return sound(90)[:50]


def with_gap() -> Events:
    events = sound(91)
    return events[(events.t < 200_000) | (events.t > 800_000)]


def hot() -> Events:
    events = sound(92)
    t = np.arange(0, SECOND, 1_000)
    spikes = Events.of(t=t, x=np.full(len(t), 3), y=np.full(len(t), 2), p=np.arange(len(t)) % 2)
    both = Events.concatenate([events, spikes])
    return both[np.argsort(both.t, kind="stable")]


def doubled() -> Events:
    events = sound(93)
    return events[np.repeat(np.arange(len(events)), np.where(np.arange(len(events)) < 90, 2, 1))]


def one_sided() -> Events:
    events = sound(94)
    return Events(events.t, events.x, events.y, np.ones(len(events), np.uint8))


def half_dark() -> Events:
    events = sound(95, n=4_000)
    return events[events.x < 4]


def saturated() -> Events:
    rng = np.random.default_rng(96)
    counts = np.full(100, 10)
    counts[40:50] = 60
    edges = np.arange(100) * 10_000
    t = np.concatenate([a + np.sort(rng.integers(0, 10_000, n)) for a, n in zip(edges, counts)])  # noqa: B905
    k = len(t)
    return Events.of(t=t, x=rng.integers(0, 8, k), y=rng.integers(0, 6, k), p=np.arange(k) % 2)


def busy() -> Events:
    return sound(97, n=200_000)


def long() -> Events:
    return sound(98, n=60_000, stop=30 * SECOND)


ALL = Limits(min_saturation_hz=1)


def checked(dataset: Dataset, *odd: Events, limits: Limits = ALL) -> set[tuple[str, str]]:
    """Ingest sound recordings and odd ones; return what is suspected of which."""
    with StoreWriter.create(dataset.root / "events.zarr", Sensor(8, 6)) as writer:
        for k in range(25):
            writer.append(f"sound/{k:02}", [sound(k)])
        for k, events in enumerate(odd):
            writer.append(f"odd/{k}", [events])
    describe_intake(WorkTree(dataset.root), Intake([], {}, {}))
    source = RecordingColumns(dataset.draft())
    names = source.texts("recording_id")
    return {(names[s.row], s.check) for s in suspect_recordings(source, limits)}


@pytest.mark.parametrize(
    ("make", "check"),
    [
        (few, "few-events"),
        (with_gap, "gap"),
        (hot, "hot-pixels"),
        (doubled, "duplicates"),
        (one_sided, "polarity"),
        (half_dark, "dead-area"),
        (saturated, "saturation"),
        (busy, "rate"),
        (long, "duration"),
    ],
)
def test_each_oddity_is_suspected_of_the_recording_that_has_it(
    empty: Dataset, make: Callable[[], Events], check: str
) -> None:
    found = checked(empty, make())
    assert ("odd/0", check) in found
    assert {name for name, _ in found} == {"odd/0"}


def test_limits_can_be_moved(empty: Dataset) -> None:
    limits = Limits(max_gap_us=900_000, max_deviations=50)
    assert checked(empty, with_gap(), limits=limits) == set()


def test_a_plateau_far_below_a_readout_is_the_scene(empty: Dataset) -> None:
    assert checked(empty, saturated(), limits=Limits()) == set()


def test_few_recordings_are_not_compared(empty: Dataset) -> None:
    with StoreWriter.create(empty.root / "events.zarr", Sensor(8, 6)) as writer:
        for k in range(5):
            writer.append(f"sound/{k}", [sound(k)])
        writer.append("busy", [busy()])
    describe_intake(WorkTree(empty.root), Intake([], {}, {}))
    source = RecordingColumns(empty.draft())
    found = {s.check for s in suspect_recordings(source, Limits(max_hot_share=1))}
    assert not found & {"rate", "duration"}
