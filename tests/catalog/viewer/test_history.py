"""Versions, what changed, and lineage."""

from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.labels.editing import edit_labels
from catalog.labels.errata import Patch, Span
from catalog.viewer.history import lineage, version_diff, version_list
from catalog.viewer.shown import Shown
from eventstore.errors import NotFound

NAME = "train/cat/000"


def added(dataset: Dataset) -> None:
    patch = Patch(recording_id=NAME, before=None, after=Span(1, 9, "owl"), reason="an owl")
    edit_labels(dataset, [patch], author="Ann")


def test_versions_and_their_differences(animals: Dataset) -> None:
    added(animals)
    shown = Shown(animals)
    listed: dict[str, Any] = version_list(shown)
    assert [one["version"] for one in listed["versions"]] == ["1.0.0"]
    assert listed["has_draft"]
    found: dict[str, Any] = version_diff(shown, "1.0.0", "draft")
    assert [c["name"] for c in found["changes"] if c["what"] == "label"] == [f"{NAME}#1-9"]
    assert found["bump"] == "minor"
    assert found["n_changes"] == sum(n for of in found["counts"].values() for n in of.values())
    with pytest.raises(NotFound, match=r"\.\./x"):
        version_diff(shown, "../x", "draft")


def test_lineage_tells_source_corrections_and_versions(animals: Dataset) -> None:
    added(animals)
    found: dict[str, Any] = lineage(Shown(animals), NAME)
    assert found["source"] == f"{NAME}.bin"
    assert found["versions"] == [
        {"version": "draft", "events": "as now"},
        {"version": "1.0.0", "events": "as now"},
    ]
    [correction] = found["corrections"]
    assert (correction["action"], correction["reason"]) == ("added", "an owl")
    with pytest.raises(NotFound):
        lineage(Shown(animals), "none")
