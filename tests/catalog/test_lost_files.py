"""What an old version lost is told apart from what is merely not here."""

from catalog.dataset import Dataset
from catalog.lost_files import withdrawn_of
from catalog.text_files import write_text
from catalog.tombstones import WITHDRAWN, Tombstone, mark_of, tombstones_table


def test_nothing_was_withdrawn_of_a_version_unless_it_has_the_recording(animals: Dataset) -> None:
    tree = animals.at("1.0.0").tree
    assert withdrawn_of(animals.repo, tree) == []
    names = ["train/dog/001", "elsewhere"]
    stones = [Tombstone(mark_of(name), "2026-01-02", "", {}) for name in names]
    write_text(animals.root / WITHDRAWN, tombstones_table(stones).text())
    animals.repo.save_only([WITHDRAWN], "tombstones")
    assert withdrawn_of(animals.repo, tree) == ["train/dog/001"]
