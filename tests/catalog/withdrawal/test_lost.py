"""What an old version lost is told apart from what is merely not here."""

from catalog.dataset import Dataset
from catalog.text_files import write_text
from catalog.tombstones import WITHDRAWN, Tombstone, mark_of, tombstones_table
from catalog.withdrawal.lost import withdrawn_of
from eventstore.findings import Severity


def test_nothing_was_withdrawn_of_a_version_unless_it_has_the_recording(people: Dataset) -> None:
    tree = people.at("1.0.0").tree
    assert withdrawn_of(people.repo, tree) == []
    names = ["train/dog/001", "elsewhere"]
    stones = [Tombstone(mark_of(name), "2026-01-02", "", {}) for name in names]
    write_text(people.root / WITHDRAWN, tombstones_table(stones).text())
    people.repo.save_only([WITHDRAWN], "tombstones")
    assert withdrawn_of(people.repo, tree) == ["train/dog/001"]


def test_what_comes_back_is_refused_and_told_of(people: Dataset) -> None:
    import pytest

    from eventstore.errors import Conflict

    stone = Tombstone(mark_of("train/dog/001"), "2026-01-02", "", {})
    write_text(people.root / WITHDRAWN, tombstones_table([stone]).text())
    found = [f for f in people.verify("draft") if f.severity is Severity.ERROR]
    assert [f.check for f in found] == ["withdrawn"]
    assert "train/dog/001 was withdrawn and is there again" in found[0].message
    assert "remove-recording" in found[0].fix
    with pytest.raises(Conflict, match="is there again"):
        people.save(None, "back")
