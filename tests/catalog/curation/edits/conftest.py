"""Edits of the animals of the catalog's tests, proposed and accepted in one call."""

from collections.abc import Callable

import pytest

from catalog.curation.edits.edit import Edit
from catalog.curation.edits.proposing import propose
from catalog.curation.edits.reviewing import review
from catalog.dataset import Dataset

ANN, BO = "Ann <ann@example.org>", "Bo <bo@example.org>"

Accept = Callable[..., list[int]]


@pytest.fixture
def accept(animals: Dataset) -> Accept:
    """A function that proposes edits and accepts them; returns their numbers."""

    def run(*edits: Edit) -> list[int]:
        numbers = [edit.number for edit in propose(animals, edits, author=ANN)]
        review(animals, numbers, accept=True, author=BO)
        return numbers

    return run
