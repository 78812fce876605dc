"""Content goes from git-annex's remotes and from here; what is left anywhere is a finding."""

from pathlib import Path

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.withdrawal.annexed import purge_annex


def test_nothing_to_drop_asks_nobody(people: Dataset) -> None:
    people.repo._git("remote", "add", "nowhere", "/nowhere")
    assert purge_annex(people, [], "AGAIN") == ([], [])


def test_only_what_is_named_goes(people: Dataset, tmp_path: Path) -> None:
    clone, _ = clone_dataset(str(people.root), tmp_path / "clone")
    clone.get()
    people.repo._git("remote", "add", "lab", str(clone.root))
    keys = sorted(people.saved_tree(people.version()).keys().values())
    assert purge_annex(people, keys[:1], "AGAIN") == (["lab"], [])
    for repo in (people.repo, clone.repo):
        assert set(repo.content(keys)) == set(keys[1:])


def test_a_remote_that_cannot_be_reached_is_named(people: Dataset) -> None:
    people.repo._git("remote", "add", "nowhere", "/nowhere")
    keys = list(people.saved_tree(people.version()).keys().values())
    reached, [finding] = purge_annex(people, keys, "AGAIN")
    assert (reached, finding.where, finding.fix) == ([], "nowhere", "AGAIN")
    assert finding.is_error
    assert people.repo.content(keys) == {}
