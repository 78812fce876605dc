"""What is to be looked at, by its reference."""

import pytest

from catalog.dataset import Dataset
from catalog.viewer.opening import open_shown
from eventstore.errors import IntegrityError, InvalidInput, NotFound


def test_a_work_tree_a_version_and_its_digest(animals: Dataset) -> None:
    assert open_shown(str(animals.root)).is_draft
    assert open_shown(f"{animals.root}@draft").is_draft
    digest = animals.version("1.0.0").digest
    assert not open_shown(f"{animals.root}@1.0.0#{digest[:8]}").is_draft
    with pytest.raises(IntegrityError, match="has digest"):
        open_shown(f"{animals.root}@1.0.0#{'0' * 8}")


def test_what_names_more_or_nothing_is_refused(animals: Dataset) -> None:
    with pytest.raises(InvalidInput, match="names more than a version") as caught:
        open_shown(f"{animals.root}@1.0.0/split:official")
    assert caught.value.hint.endswith("animals@1.0.0")
    with pytest.raises(NotFound):
        open_shown(f"{animals.root}@2.0.0")
