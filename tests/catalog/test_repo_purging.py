"""Content goes from here and from remotes, and git-annex knows that it is gone."""

from pathlib import Path

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.repo_purging import (
    annex_remotes,
    drop_from,
    drop_here,
    drop_unreferenced,
    known_copies,
    learn_copies,
    mark_dead,
)
from catalog.tree import STORE


def keys_of(dataset: Dataset) -> list[str]:
    return sorted(dataset.saved_tree(dataset.version()).keys().values())


def test_content_goes_from_remotes_and_from_here(animals: Dataset, tmp_path: Path) -> None:
    clone, _ = clone_dataset(str(animals.root), tmp_path / "clone")
    clone.get()
    animals.repo._git("remote", "add", "lab", str(clone.root))
    keys = keys_of(animals)
    assert learn_copies(animals.repo) == []
    assert annex_remotes(animals.repo) == ["lab"]
    assert {len(named) for named in known_copies(animals.repo, keys).values()} == {2}
    assert drop_from(animals.repo, "lab", keys) == {}
    assert clone.repo.content(keys) == {}
    assert drop_here(animals.repo, keys) == {}
    assert known_copies(animals.repo, keys) == {}
    mark_dead(animals.repo, keys)
    assert drop_from(animals.repo, "lab", keys) == {}  # again


def test_remotes_without_an_annex_or_without_a_place(animals: Dataset, tmp_path: Path) -> None:
    animals.repo._git("init", "-q", "--bare", str(tmp_path / "bare"))
    animals.repo._git("remote", "add", "bare", str(tmp_path / "bare"))
    animals.repo._git("remote", "add", "nowhere", str(tmp_path / "nowhere"))
    assert learn_copies(animals.repo) == ["nowhere"]
    assert annex_remotes(animals.repo) == []
    assert drop_from(animals.repo, "nowhere", []) == {}
    [why] = set(drop_from(animals.repo, "nowhere", keys_of(animals)).values())
    assert "nowhere" in why


def test_content_that_no_branch_refers_to_goes(animals: Dataset) -> None:
    file = animals.root / STORE / "events" / "t" / "c" / "9"
    file.write_bytes(b"what a killed save left")
    animals.repo.add_content(STORE)
    key = animals.repo.key(f"{STORE}/events/t/c/9")
    assert key
    animals.repo._git("rm", "-q", "--cached", f"{STORE}/events/t/c/9")
    file.unlink()
    assert key in animals.repo.content([key])
    drop_unreferenced(animals.repo)
    assert animals.repo.content([key]) == {}
    keys = keys_of(animals)
    assert set(animals.repo.content(keys)) == set(keys)
