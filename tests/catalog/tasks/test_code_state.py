"""The commit of the code is said, and whether it was changed since."""

import subprocess
from pathlib import Path

import pytest

from catalog.tasks.code_state import commit_of


def test_a_commit_and_changes_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Test Curator")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "curator@example.org")

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    assert commit_of(tmp_path) == ""
    (tmp_path / "code.py").write_text("1\n")
    git("add", "code.py")
    git("commit", "-q", "-m", "first")
    clean = commit_of(tmp_path)
    assert len(clean) == 40
    (tmp_path / "code.py").write_text("2\n")
    assert commit_of(tmp_path) == f"{clean}+changes"


def test_without_git_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.repo._environment", lambda: {"PATH": str(tmp_path)})
    assert commit_of(tmp_path) == ""
