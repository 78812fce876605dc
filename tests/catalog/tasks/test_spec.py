"""What is asked for of a task."""

import pytest

from catalog.tasks.spec import TaskSpec, of_dataset, parse_split
from eventstore.errors import InvalidInput


@pytest.mark.parametrize("text", ["a@draft/split:x", "a/split:x", "a@1.0.0", "a@1.0.0/task:x"])
def test_other_datasets_are_named_with_version_and_split(text: str) -> None:
    with pytest.raises(InvalidInput, match="names no split of a saved version"):
        parse_split(text)


def test_a_name_may_hold_a_colon_of_its_dataset_alone() -> None:
    assert of_dataset("tones:a:b", "tones") == "a:b"
    assert of_dataset("a", "anything") == "a"


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(InvalidInput, match="over no split"):
        TaskSpec(splits=())
    with pytest.raises(InvalidInput, match="that cross-validates"):
        TaskSpec(splits=("x",), cross_validate=True, test=("a",))
    with pytest.raises(InvalidInput, match="not all different"):
        TaskSpec(splits=("x",), classes=("a", "a"))
