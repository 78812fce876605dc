"""Pins depend on what a split uses and on nothing beside it."""

from collections.abc import Callable

from catalog.dataset import Dataset
from catalog.recording_table import recording_digests
from catalog.splits.record import check_split
from catalog.tasks.pins import Pins, stored_recordings, table_pins


def pins(dataset: Dataset) -> Pins:
    state = dataset.draft()
    split = check_split(state.tree, "official", recording_digests(state.recordings))
    found = table_pins(split.record.digest, split.folds, split.labels, state.recordings)
    with state.store as store:
        samples = [split.labels[sample] for sample in split.folds]
        assert stored_recordings(samples, store) == found.recordings
    return found


def test_growth_changes_no_pin(animals: Dataset, grow: Callable[..., None]) -> None:
    before = pins(animals)
    grow(animals, "validation", 3)
    assert pins(animals) == before


def test_side_streams_change_the_pin_of_recordings_alone(
    animals: Dataset, rewrite: Callable[..., None]
) -> None:
    before = pins(animals)
    rewrite("test/cat/000", x=False, side=True)
    after = pins(animals)
    assert after.recordings != before.recordings
    assert after[:2] == before[:2]
