"""A log that lost lines is refused by save and told of by verify."""

from collections.abc import Callable

import pytest

from catalog.curation.edits.growing import check_log_history
from catalog.curation.edits.log import LOG
from catalog.curation.edits.proposing import plan_note, propose
from catalog.dataset import Dataset
from eventstore.errors import FormatError, IntegrityError


def note_twice(animals: Dataset) -> None:
    for text in ("one", "two"):
        propose(animals, [plan_note(animals.draft(), "train/cat/000", text)], author="Ann")
    animals.save("1.0.1", "noted")


@pytest.fixture
def noted(animals_after: Callable[[Callable[[Dataset], None]], Dataset]) -> Dataset:
    return animals_after(note_twice)


def test_a_log_that_grew_is_as_it_should_be(noted: Dataset) -> None:
    propose(noted, [plan_note(noted.draft(), "train/cat/000", "three")], author="Ann")
    assert noted.verify() == []
    noted.save("1.0.2", "noted more")
    assert list(check_log_history(noted)) == []


@pytest.mark.parametrize("how", ["edited", "shortened", "deleted"])
def test_a_log_that_was_rewritten_is_found(noted: Dataset, how: str) -> None:
    file = noted.root / LOG
    text = file.read_text()
    if how == "deleted":
        file.unlink()
    else:
        new = text.replace("one", "won") if how == "edited" else text[: text.index("2\tprop")]
        file.write_text(new)
    [finding] = noted.verify()
    assert "has lost lines of the log that version 1.0.1 recorded" in finding.message
    assert f"checkout 1.0.1 -- {LOG}" in finding.fix
    with pytest.raises(IntegrityError, match="has lost lines that were saved") as caught:
        noted.save("1.0.2", "rewritten")
    assert f"checkout HEAD -- {LOG}" in caught.value.hint


def test_a_log_that_is_none_is_refused(noted: Dataset) -> None:
    with (noted.root / LOG).open("a") as file:
        file.write("nonsense\n")
    with pytest.raises(FormatError, match="line 4"):
        noted.save("1.0.2", "broken")
    assert any(LOG in finding.where + finding.message for finding in noted.verify())
