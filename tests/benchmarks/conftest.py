"""What tests of the benchmarks share."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a benchmark module; they are scripts in one folder, not a package."""
    monkeypatch.syspath_prepend(HERE)
    return importlib.import_module
