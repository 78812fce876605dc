"""Fixtures and profiles shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("spikelake", deadline=None, max_examples=50)
settings.load_profile("spikelake")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(autouse=True)
def _own_git_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give git an identity of its own, so that tests need none of the machine's."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real recordings, or skip where it is absent."""
    return _present(SHARED / "data", "real recordings")


@pytest.fixture(scope="session")
def shared_oracles() -> Path:
    """Return the folder of reference vectors, or skip where it is absent."""
    return _present(SHARED / "oracles", "reference vectors")


def _present(folder: Path, what: str) -> Path:
    if not folder.is_dir():
        pytest.skip(f"{what} not found beside the checkout ({folder.name}/)")
    return folder
