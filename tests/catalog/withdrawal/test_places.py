"""Files that hold recordings: those of their shards, in every version that has them."""

import pytest

from catalog.dataset import Dataset
from catalog.withdrawal.places import held_by_versions

ONE = "train/dog/001"


def test_each_version_that_has_them_is_looked_into(people: Dataset) -> None:
    held, findings = held_by_versions(people, [ONE])
    assert findings == []
    assert [one.version for one in held] == ["1.0.0", "1.0.1"]
    assert sorted(held[0].keys) == [f"events.zarr/events/{c}/c/0" for c in "ptxy"]
    assert held[0].sums == held[1].sums
    assert len(held[0].shared) == 14
    assert held[0].in_git == ()
    assert held_by_versions(people, ["nobody"]) == ([], [])


def test_a_version_that_cannot_be_looked_into_is_a_finding(
    people: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.repo._git("tag", "-f", "1.0.0", "1.0.1")
    held, [finding] = held_by_versions(people, [ONE])
    assert [one.version for one in held] == ["1.0.1"]
    assert "its files cannot be looked into" in finding.message
    assert finding.is_error
