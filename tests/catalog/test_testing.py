"""The dataset that examples begin with."""

import tempfile
from pathlib import Path

import pytest

from catalog.testing import tiny_dataset


def test_a_tiny_dataset_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dataset = tiny_dataset()
    assert dataset.root.is_relative_to(tmp_path)
    assert len(dataset.draft().recordings.rows) == 6
    assert {label.label for label in dataset.draft().labels().values()} == {"left", "right"}
    assert not [finding for finding in dataset.verify() if finding.is_error]
