"""The part of the door that copies: nothing of ours is committed, nobody becomes root."""

import subprocess
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.repo import Repo, has_identity, key_facts
from catalog.repo_copies import (
    clone_repo,
    copy_content,
    drop_keys,
    fetch_keys,
    lacking,
    push,
    put_key,
    remote_tags,
    remotes,
)
from eventstore.errors import Conflict, InvalidInput, MissingContent, NotFound


@pytest.fixture
def far(animals: Dataset, tmp_path: Path) -> Repo:
    """A clone of the dataset's repository."""
    return clone_repo(str(animals.root), tmp_path / "far")


def test_content_comes_and_goes(animals: Dataset, far: Repo) -> None:
    keys = set(animals.saved_tree(animals.version()).keys().values())
    assert far.content(keys) == {}
    assert fetch_keys(far, keys) == ""
    assert set(far.content(keys)) == keys
    assert drop_keys(far, keys) == {}
    assert far.content(keys) == {}
    assert fetch_keys(far, []) == ""
    assert "SHA256E-s1--00" not in far.content(["SHA256E-s1--00"])
    assert fetch_keys(far, ["SHA256E-s1--00"])


def test_the_last_copy_is_kept_with_a_reason(animals: Dataset) -> None:
    keys = sorted(set(animals.saved_tree(animals.version()).keys().values()))
    kept = drop_keys(animals.repo, keys)
    assert sorted(kept) == keys
    assert all(kept.values())
    assert drop_keys(animals.repo, keys, force=True) == {}
    assert drop_keys(animals.repo, []) == {}


def test_content_is_put_under_its_key_alone(animals: Dataset, far: Repo, tmp_path: Path) -> None:
    key = animals.repo.key("events.zarr/events/t/c/0") or ""
    file = tmp_path / "content"
    file.write_bytes(b"0" * key_facts(key)[0])
    with pytest.raises(InvalidInput):
        put_key(far, key, file)
    assert far.content([key]) == {}
    file.write_bytes(animals.repo.content([key])[key].read_bytes())
    put_key(far, key, file)
    assert list(far.content([key])) == [key]


def test_nobody_becomes_the_author(
    animals: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    repo = clone_repo(str(animals.root), tmp_path / "far")
    fetch_keys(repo, animals.saved_tree(animals.version()).keys().values())
    assert not has_identity(repo.root)
    assert "user" not in (repo.root / ".git/config").read_text().replace("filter", "")


def test_nothing_to_clone(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="git says"):
        clone_repo(str(tmp_path / "none"), tmp_path / "far")
    assert not (tmp_path / "far").exists()


def test_another_history_is_never_overwritten(animals: Dataset, far: Repo) -> None:
    bare = animals.root.parent / "bare"
    subprocess.run(["git", "clone", "-q", "--bare", animals.root, bare], check=True)
    subprocess.run(["git", "remote", "add", "bare", bare], cwd=animals.root, check=True)
    assert remotes(animals.repo) == {"bare"}
    assert remote_tags(animals.repo, "bare") == {"1.0.0"}
    assert remote_tags(animals.repo, "none") == set()
    animals.save("1.1.0")
    push(animals.repo, "bare")
    assert remote_tags(animals.repo, "bare") == {"1.0.0", "1.1.0"}
    subprocess.run(["git", "tag", "-f", "1.0.0", "1.1.0"], cwd=animals.root, check=True)
    with pytest.raises(Conflict, match="has another history"):
        push(animals.repo, "bare")


def test_what_a_remote_lacks(animals: Dataset, far: Repo) -> None:
    keys = animals.saved_tree(animals.version()).keys()
    assert lacking(far, keys, "none") == {p: key_facts(k)[0] for p, k in keys.items()}
    assert lacking(far, keys, "origin") == {}
    with pytest.raises(MissingContent, match=r"some content of 1\.0\.0 was not copied"):
        copy_content(animals.repo, "none", "1.0.0")
