"""The viewer of a small dataset."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.viewer.shown import Shown
from tests.catalog.viewer.asking import Asker


@pytest.fixture(scope="session")
def viewed(template: Path) -> Iterator[Asker]:
    """The viewer of version 1.0.0 of the animals, which nothing changes."""
    shown = Shown(Dataset.open(template), "1.0.0")
    yield Asker(shown)
    shown.state().version.close()


@pytest.fixture
def asker() -> Callable[..., Asker]:
    """A function ``(dataset, edit=…)`` that returns the viewer of a work tree."""
    return lambda dataset, edit=False: Asker(Shown(dataset), edit=edit)
