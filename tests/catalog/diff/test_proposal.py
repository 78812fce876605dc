"""The number follows from what changed; a smaller one is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.diff.bump import Bump
from catalog.diff.proposal import propose
from eventstore.errors import AlreadyExists, Conflict

Grow = Callable[[Dataset, str, int], None]
Edit = Callable[[str, str, str], None]
Git = Callable[..., None]


def test_the_first_version_has_a_number_of_its_own(empty: Dataset, grow: Grow) -> None:
    grow(empty, "train", 3)
    assert empty.save().version == "1.0.0"


def test_each_kind_of_change_gets_its_number(animals: Dataset, grow: Grow) -> None:
    animals.set_column("mood", {"train/cat/000": "grumpy"})
    assert animals.save().version == "1.0.1"
    grow(animals, "validation", 3)
    assert animals.plan_version().version == "1.1.0"
    assert animals.plan_version(bump=Bump.MAJOR).version == "2.0.0"
    assert animals.save().version == "1.1.0"
    rest = dict(list(animals.draft().labels().items())[1:])
    (animals.root / "splits/official.json").unlink()
    (animals.root / "splits/official.tsv").unlink()
    animals.write_labels(rest.values())
    assert animals.save().version == "2.0.0"
    assert [v.version for v in animals.versions()] == ["1.0.0", "1.0.1", "1.1.0", "2.0.0"]
    assert animals.verify() == []


def test_a_number_that_says_too_little_is_refused(animals: Dataset, grow: Grow) -> None:
    grow(animals, "validation", 5)
    before = animals.repo.commit("HEAD")
    with pytest.raises(Conflict, match=r"a minor change asks for 1\.1\.0") as caught:
        animals.save("1.0.1")
    assert "recording validation/cat/000 added" in caught.value.message
    assert "and 7 more" in caught.value.message
    assert "--force-version keeps 1.0.1" in caught.value.hint
    assert animals.repo.commit("HEAD") == before
    assert animals.save("1.0.1", force_version=True).version == "1.0.1"


def test_a_higher_number_is_always_fine(animals: Dataset) -> None:
    assert animals.save("3.0.0").version == "3.0.0"


def test_nothing_to_save_says_so(animals: Dataset) -> None:
    with pytest.raises(AlreadyExists, match=r"nothing has changed since version 1\.0\.0"):
        animals.save()
    assert animals.save(bump=Bump.PATCH).version == "1.0.1"


def test_a_number_in_between_follows_the_one_below(animals: Dataset, grow: Grow) -> None:
    grow(animals, "validation", 3)
    animals.save("2.0.0")
    past = animals.versions()
    assert propose(animals.repo, past, "1.1.0").base == "1.0.0"
    assert propose(animals.repo, past).base == "2.0.0"
    assert propose(animals.repo, past, "0.9.0").base is None
    with pytest.raises(Conflict):
        animals.save("1.0.1")
    assert animals.save("1.1.0").version == "1.1.0"


def test_a_moved_tag_does_not_mislead(
    animals: Dataset, git: Git, tmp_path: Path, grow: Grow
) -> None:
    grow(animals, "validation", 3)
    git("commit", "-q", "--allow-empty", "-m", "something else")
    git("tag", "-f", "1.0.0")
    assert animals.plan_version().version == "1.1.0"
