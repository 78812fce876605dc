"""The corpus as a command."""

import subprocess
import sys
from pathlib import Path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "eventstore.corpus", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_writes_all_files_into_a_folder(tmp_path: Path) -> None:
    done = run(str(tmp_path / "corpus"), "3")
    assert done.returncode == 0, done.stderr
    files = [p for p in (tmp_path / "corpus").iterdir() if ".truth" not in p.suffixes]
    assert done.stdout.startswith(f"{len(files) - 1} files in ")  # and the manifest


def test_it_says_how_it_is_used() -> None:
    assert "python -m eventstore.corpus DIR" in run().stderr
