"""Samples with all that checks look at."""

from catalog.dataset import Dataset
from catalog.splits.leakage.placed import Placed


def test_columns_agree_with_the_split(animals: Dataset) -> None:
    draft = animals.draft()
    split = draft.split("official")
    placed = Placed(split=split, recordings=draft.recordings)
    assert placed.folds == ["train", "test"]
    assert [placed.folds[code] for code in placed.fold] == list(split.fold_of)
    for at, sample in enumerate(split.samples):
        assert placed.store.recordings.ids[placed.recording[at]] == sample.recording_id
        assert (placed.t_start[at], placed.t_stop[at]) == (sample.t_start_us, sample.t_stop_us)
    assert placed.column("fold") == list(split.fold_of)
    assert placed.name(0) == "test/cat/000#0-988 (test)"
    assert placed.pair(0, 1).count(" and ") == 1
